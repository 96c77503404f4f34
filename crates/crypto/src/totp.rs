//! Codes by time (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator app has them.

use aws_lc_rs::hmac;

/// Seconds for which a code is the one.
pub const TOTP_PERIOD_SECONDS: i64 = 30;

/// The code of a step, which is the time since 1970 divided by the period (RFC 4226 §5.3).
pub fn totp(secret: &[u8], step: u64) -> u32 {
    truncate(secret, step) % 1_000_000
}

fn truncate(secret: &[u8], step: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = tag.as_ref().last().map_or(0, |last| usize::from(last & 15));
    let four = tag.as_ref().iter().skip(offset).take(4);
    four.fold(0u32, |all, byte| (all << 8) | u32::from(*byte)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_come_out() {
        // Appendix B, SHA-1: times and codes of eight digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59u64, 94_287_082u32),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = seconds / TOTP_PERIOD_SECONDS as u64;
            assert_eq!(truncate(secret, step) % 100_000_000, code, "{seconds}");
            assert_eq!(totp(secret, step), code % 1_000_000);
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_come_out() {
        let codes =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(totp(b"12345678901234567890", step), code);
        }
    }
}
