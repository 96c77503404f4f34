//! Key files, notes and checkpoints with changes: opened or refused, never a panic.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::fs;

use dossier_crypto::{SystemEntropy, establish, parse_checkpoint, parse_verifier_key, unlock, verify_note};
use dossier_fuzz::fuzz;
use dossier_model::id::Tenant;
use dossier_model::time::Micros;

const TENANT: Tenant = Tenant(1);

#[test]
fn fuzz_key_files() {
    let folder = tempfile::tempdir().unwrap();
    let (keystore, keyring) = (folder.path().join("keystore"), folder.path().join("keyring"));
    drop(establish(&keystore, None, &keyring, TENANT, &SystemEntropy, Micros(1)).unwrap());
    for changed in [&keystore, &keyring] {
        let whole = fs::read(changed).unwrap();
        fuzz(&[&whole], &[], |bytes| {
            fs::write(changed, bytes).unwrap();
            let opened = unlock(&keystore, None, &keyring, TENANT).is_ok();
            // An editor may have changed how lines end, and whether the last one does.
            let same =
                |text: &[u8]| String::from_utf8_lossy(text).replace("\r\n", "\n").trim_end().to_owned();
            assert!(!opened || same(bytes) == same(&whole), "a changed key file opens");
        });
        fs::write(changed, whole).unwrap();
    }
}

#[test]
fn fuzz_notes() {
    let note = "dossier.example/1/change\n15\nct41YFxF8YDuu4ZLhdd3dqsX13AMkOTJwtP7QyU7swE=\n\n\
                — dossier.example Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let key = "dossier.example+c74f20a3+AV3arJCsUj5nJOJZBCxhsCsDuFVCrGcRCm1gyIFtVZ0K";
    fuzz(&[note, key], &["\n", "\n\n", "— ", "+", "==", "18446744073709551616"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = (parse_checkpoint(&text), parse_verifier_key(&text));
        assert!(verify_note("dossier.example", &[7; 32], &text).is_err());
    });
}
