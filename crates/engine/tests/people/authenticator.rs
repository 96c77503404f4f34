//! An authenticator made of software: what a telephone or a key on a ring does, as WebAuthn level 3 §6 has it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::sha256;
use dossier_engine::Challenge;
use minicbor::Encoder;
use serde_json::{Map, Value as Json, json};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

/// One passkey, and how it behaves.
pub struct Authenticator {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    /// Whose it says that it is.
    pub owner: Vec<u8>,
    pub counter: u32,
    /// By how much it counts on with each answer.
    pub step: u32,
    /// Whether it looks who is there.
    pub verifies: bool,
    /// The page that asks.
    pub origin: String,
}

fn text(bytes: &[u8]) -> Json {
    Json::from(URL_SAFE_NO_PAD.encode(bytes))
}

fn bytes(json: &Json) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(json.as_str().unwrap()).unwrap()
}

impl Authenticator {
    /// Makes a passkey, if it is to look who is there and to say whose it is.
    pub fn make(origin: &str, asked: &Challenge) -> (Authenticator, Map<String, Json>) {
        let options = &asked.options;
        let selection = &options["authenticatorSelection"];
        assert_eq!(
            (&selection["userVerification"], &selection["residentKey"]),
            (&json!("required"), &json!("required"))
        );
        let mut own = Authenticator {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: Vec::new(),
            owner: bytes(&options["user"]["id"]),
            counter: 1,
            step: 1,
            verifies: true,
            origin: origin.to_owned(),
        };
        own.id = sha256(own.key.public_key().as_ref()).to_vec();
        let credential = own.register(options);
        (own, credential)
    }

    pub fn register(&self, options: &Json) -> Map<String, Json> {
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        let mut e = Encoder::new(Vec::new());
        e.map(3).unwrap().str("fmt").unwrap().str("none").unwrap();
        e.str("attStmt").unwrap().map(0).unwrap();
        e.str("authData").unwrap().bytes(&data).unwrap();
        let response = json!({
            "clientDataJSON": text(&self.client("webauthn.create", options)),
            "attestationObject": text(&e.into_writer()),
            "transports": ["internal"],
        });
        self.credential(response)
    }

    /// Answers what it is asked.
    pub fn answer(&mut self, asked: &Challenge) -> Map<String, Json> {
        self.counter += self.step;
        let data = self.data(asked.options["rpId"].as_str().unwrap(), 0);
        let client = self.client("webauthn.get", &asked.options);
        let signed = [data.as_slice(), &sha256(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let response = json!({
            "clientDataJSON": text(&client),
            "authenticatorData": text(&data),
            "signature": text(signature.as_ref()),
            "userHandle": text(&self.owner),
        });
        self.credential(response)
    }

    fn credential(&self, response: Json) -> Map<String, Json> {
        let id = text(&self.id);
        let all = json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {}, "response": response,
        });
        serde_json::from_value(all).unwrap()
    }

    fn data(&self, party: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = sha256(party.as_bytes()).to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Json) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        serde_json::to_vec(&data).unwrap()
    }

    /// The public key, as RFC 9052 writes it.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut e = Encoder::new(Vec::new());
        e.map(5).unwrap().u8(1).unwrap().u8(2).unwrap().u8(3).unwrap().i8(-7).unwrap();
        e.i8(-1).unwrap().u8(1).unwrap();
        e.i8(-2).unwrap().bytes(&point[1..33]).unwrap().i8(-3).unwrap().bytes(&point[33..]).unwrap();
        e.into_writer()
    }
}
