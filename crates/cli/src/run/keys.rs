//! State and rotation of the keys.

use super::{Work, waits};
use crate::output::Output;
use crate::say;
use dossier_engine::{Carried, Recovery, RecoveryStep};
use dossier_model::fault::{Fault, Lang};

pub(super) fn status(work: &Work<'_>) -> Result<Output, Fault> {
    let report = work.engine.key_status(&work.caller(None)?)?;
    let due = match (work.lang, report.rotation_due) {
        (Lang::Zh, true) => "，应轮换：请执行 `dossier key rotate`",
        (Lang::En, true) => ", due for rotation: run `dossier key rotate`",
        (_, false) => "",
    };
    let (kms, name, generation) = (&report.kms, &report.installation, report.tenant_generation);
    let (days, buckets, renewed) = (report.tenant_age_days, report.buckets, report.buckets_renewed);
    let index: Vec<String> = report.index_versions.iter().map(ToString::to_string).collect();
    let (index, ledger) = (index.join(", "), &report.ledger_key);
    let sheets = sheets(work.lang, &report.recovery);
    let text = say!(
        work.lang,
        zh: "根密钥：{kms}\n安装名：{name}\n租户密钥：第 {generation} 代，{days} 天{due}\n桶密钥：{buckets} 个，其中 {renewed} 个已更换过\n索引密钥版本：{index}\n台账公钥：{ledger}\n恢复凭据：{sheets}",
        en: "root key: {kms}\ninstallation: {name}\ntenant key: generation {generation}, {days} days old{due}\nbucket keys: {buckets}, of which {renewed} were renewed\nindex key versions: {index}\nledger key: {ledger}\nrecovery sheets: {sheets}",
    );
    Ok(Output::new(&report, text))
}

pub(super) fn rotate(work: &Work<'_>, data_keys: bool, as_user: Option<&str>) -> Result<Output, Fault> {
    let rotated = match work.engine.rotate_keys(&work.caller(as_user)?, data_keys)? {
        Carried::Done(rotated) => rotated,
        Carried::Waits(waiting) => return Ok(waits(work, &waiting)),
    };
    let (generation, buckets, keys) = (rotated.tenant_generation, rotated.buckets, rotated.data_keys);
    let mut text = say!(
        work.lang,
        zh: "租户密钥已更换为第 {generation} 代",
        en: "the tenant key is of generation {generation} now",
    );
    if data_keys {
        text += &say!(
            work.lang,
            zh: "；已更换 {buckets} 个桶密钥，重新包装 {keys} 个数据密钥",
            en: "; {buckets} bucket keys renewed, {keys} data keys wrapped again",
        );
    }
    Ok(Output::new(&rotated, text))
}

pub(super) fn recovery(work: &Work<'_>, step: RecoveryStep, root: &str) -> Result<Output, Fault> {
    let state = work.engine.recovery_step(&work.caller(None)?, step, root)?;
    let text = say!(
        work.lang,
        zh: "恢复凭据已核对并记入台账。请把两张纸分开存放，不要与数据放在一起。",
        en: "the recovery sheets are confirmed and on record. Keep the two papers apart, and apart from the data.",
    );
    Ok(Output::new(&state, text))
}

/// Whether there are sheets, for people.
fn sheets(lang: Lang, recovery: &Recovery) -> String {
    let at = recovery.confirmed_at.as_deref().and_then(|at| at.split('T').next()).unwrap_or_default();
    match recovery.state {
        "confirmed" => say!(lang, zh: "已于 {at} 核对", en: "confirmed on {at}"),
        "outdated" => say!(
            lang,
            zh: "{at} 的凭据属于更换前的根密钥，请重新执行 `dossier key recovery print`",
            en: "those of {at} are of an earlier root key: run `dossier key recovery print` again",
        ),
        _ => say!(
            lang,
            zh: "没有，请执行 `dossier key recovery print`",
            en: "none: run `dossier key recovery print`",
        ),
    }
}
