//! Help in the caller's language.

use crate::args::Cli;
use clap::{Arg, ArgAction, Command, CommandFactory};
use dossier_model::fault::Lang;

/// The command line with every help text in the given language.
pub fn command(lang: Lang) -> Command {
    let (help, version) = match lang {
        Lang::Zh => ("显示帮助", "显示版本"),
        Lang::En => ("Show help", "Show the version"),
    };
    const OF_ALL: &str = "Options of every command";
    let command = Cli::command()
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .global(true)
                .help(help)
                .help_heading(OF_ALL),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(version)
                .help_heading(OF_ALL),
        );
    match lang {
        Lang::En => command,
        Lang::Zh => chinese(command, ""),
    }
}

/// Puts the Chinese texts into a command and into those below it. `path` is its place, for instance `ledger.show`.
fn chinese(command: Command, path: &str) -> Command {
    let about = text(path).unwrap_or_default();
    let below: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command = command
        .about(about)
        .long_about(None::<&str>)
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|argument| translated(argument, path));
    for name in below {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        command = command.mut_subcommand(&name, |sub| chinese(sub, &path));
    }
    command
}

/// An argument with its Chinese text; the short and the long help of the derive are the same.
fn translated(argument: Arg, path: &str) -> Arg {
    let heading = match (argument.is_positional(), argument.is_global_set() || argument.get_id() == "version")
    {
        (true, _) => "参数",
        (false, false) => "选项",
        (false, true) => "通用选项",
    };
    let key = format!("{path} {}", argument.get_id());
    let argument = argument.help_heading(heading);
    match text(&key).or_else(|| text(&format!("* {}", argument.get_id()))) {
        Some(help) => argument.help(help).long_help(None::<&str>),
        None => argument,
    }
}

/// The Chinese text of a command (`ledger.show`), of one of its arguments (`ledger.show limit`), or of an argument that
/// means the same everywhere (`* team`).
fn text(key: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(k, _)| *k == key).map(|(_, text)| *text)
}

const TEXTS: &[(&str, &str)] = &[
    ("", "客户资料安全管理系统：一户一档，加密保存，每一次查看都可验证"),
    ("* data", "数据目录（默认依次取 $DOSSIER_DATA、$XDG_DATA_HOME/dossier、~/.local/share/dossier）"),
    ("* config", "自己的设置文件；可用的设置见 config.default.toml"),
    ("* keystore", "根密钥文件，绝不放在数据目录内"),
    ("* json", "结果、拒绝与报告一律用 JSON 输出"),
    ("* lang", "输出语言：zh 或 en（默认随系统区域设置，未设置时为 zh）"),
    ("* help", "显示帮助"),
    ("* version", "显示版本"),
    ("* team", "团队（名称或编号）"),
    ("* roles", "角色：CDO、CDA、CDE、CDU、ISA，或自建角色（名称或编号）；可多次给出"),
    ("* as_user", "下令的用户（名称或编号）"),
    ("* log", "哪一个日志：change（变更）、access（作答服务器的访问）或 access/N（服务器 N 的访问）"),
    ("serve", "启动服务：应答 REST 请求与本程序的命令，直到收到停止信号"),
    ("serve listen", "监听地址与端口，例如 127.0.0.1:8480"),
    (
        "serve demo",
        "数据目录为空时，填入虚构客户，并为每个角色建一个用户与一个程序账号；已有其他数据的目录不能作为演示启动",
    ),
    ("user", "使用系统的人"),
    ("user.add", "添加用户"),
    ("user.add name", "姓名或账号名，在命令行中用来指明此人"),
    ("user.add as_user", "下令的用户（名称或编号）；已有 CDO 后，再添加 CDO 时必填"),
    ("user.list", "列出用户"),
    ("user.set-up", "生成设置口令的链接，24 小时内可用一次；不指明用户时用于第一位 CDO"),
    ("user.set-up name", "忘记口令或尚未设置口令的用户（名称或编号）；其口令、动态验证码与会话随即作废"),
    ("user.set-up as_user", "下令的用户（名称或编号）；对象为 CDO 时必填"),
    ("user.disable", "立即停用用户"),
    ("user.disable name", "用户（名称或编号）"),
    ("user.disable as_user", "下令的用户（名称或编号）；对象为 CDO 时必填"),
    ("user.leave", "离职、调岗、降职或借调：立即收回权限，名下客户移交接手人"),
    ("user.leave name", "用户（名称或编号）"),
    ("user.leave how", "left 离职、transferred 调岗、demoted 降职、seconded 借调"),
    ("user.leave successor", "接手人（名称或编号）；不给出时为直属上级"),
    ("user.leave roles", "保留的角色，须为其现有角色（名称或编号）；可多次给出"),
    ("user.leave team", "今后的团队（名称或编号）"),
    ("user.leave as_user", "下令的用户（名称或编号）；对象为 CDO 时必填"),
    ("user.enable", "重新启用用户"),
    ("user.enable name", "用户（名称或编号）"),
    ("user.enable as_user", "下令的用户（名称或编号）；对象为 CDO 时必填"),
    ("user.change", "调整用户的角色或团队；被收回角色或调离团队者随即退出登录"),
    ("user.change name", "用户（名称或编号）"),
    ("user.change roles", "今后的全部角色（名称或编号）；可多次给出"),
    ("user.change team", "今后的团队（名称或编号）"),
    ("user.change as_user", "下令的用户（名称或编号）；对象为 CDO 时必填"),
    ("user.sign-out", "结束用户的全部会话"),
    ("user.sign-out name", "用户（名称或编号）"),
    ("client", "使用系统的程序"),
    ("client.add", "添加程序账号；密钥只显示这一次"),
    ("client.add name", "程序名称"),
    (
        "client.add redirects",
        "人员同意后的回跳地址（https，或 http 加 127.0.0.1、[::1]，端口不限）；可多次给出",
    ),
    ("client.add public", "公开程序，没有密钥：其运行之处无法保密"),
    ("client.add flows", "授权方式：client_credentials、authorization_code；不给出则按其余各项"),
    ("client.add as_user", "下令的用户（名称或编号）；已有 CDO 后，再添加 CDO 时必填"),
    ("client.list", "列出程序账号，不含密钥"),
    ("client.disable", "立即停用程序账号"),
    ("client.disable id", "程序编号（cli_…）"),
    ("team", "团队，档案归团队所有"),
    ("team.add", "添加团队"),
    ("team.add name", "团队名称"),
    ("team.list", "列出团队"),
    ("team.change", "修改团队的名称、上级或主管"),
    ("team.change name", "团队（名称或编号）"),
    ("team.change rename", "新名称"),
    ("team.change above", "上级团队（名称或编号）；\"\" 表示没有"),
    ("team.change lead", "直属主管（名称或编号）；\"\" 表示没有"),
    ("role", "角色：用户与程序可做什么、对哪些档案、如何看到每个字段"),
    ("role.list", "列出角色与各自的持有数"),
    ("role.show", "显示角色的规则，格式与 `apply` 所用文件相同"),
    ("role.show name", "角色（名称或编号）"),
    ("role.apply", "按文件添加角色，或替换同名角色的规则；立即生效"),
    ("role.apply file", "规则文件（TOML），格式同 `show` 的输出"),
    ("role.apply as_user", "下令的用户（名称或编号）；已有 CDO 后必填"),
    ("role.remove", "删除无人持有的角色"),
    ("role.remove name", "角色（名称或编号）"),
    ("role.remove as_user", "下令的用户（名称或编号）；已有 CDO 后必填"),
    ("import", "从文件（CSV 或 XLSX）导入客户，并查看、撤销导入；中断后重新执行即从断点继续"),
    ("import file", "带标题行的文件：CSV（UTF-8、UTF-16 或 GB18030）或 XLSX"),
    ("import sheet", "工作簿中的工作表，默认为第一个有内容的"),
    ("import mapping", "使用以此名称保存的映射"),
    ("import map", "某列对应的字段，例如 `--map '公司=name'`；`-` 表示不导入；可多次给出"),
    ("import subject_by_name", "文件未写客户主体时，由名称结尾推得：企业或机构"),
    ("import save_mapping", "以此名称保存映射"),
    ("import duplicates", "客户已存在的行：skip 跳过、update 更新、review 送复核"),
    ("import preview", "只显示前 N 行将成为什么"),
    ("import.list", "列出导入，最新的在前"),
    ("import.list as_user", "查看者（用户名称或编号）"),
    ("import.show", "显示一次导入：状态、数字，以及撤销时保留的档案"),
    ("import.show id", "导入编号（imp_…）"),
    ("import.show as_user", "查看者（用户名称或编号）"),
    ("import.problems", "以 CSV 输出问题行及原因，改好后可再次导入"),
    ("import.problems id", "导入编号（imp_…）"),
    ("import.problems out", "写入此文件"),
    ("import.problems as_user", "查看者（用户名称或编号）"),
    ("import.duplicates", "列出客户已存在的行"),
    ("import.duplicates id", "导入编号（imp_…）"),
    ("import.duplicates as_user", "查看者（用户名称或编号）"),
    ("import.decide", "处理送复核的一行：跳过，或用它更新档案"),
    ("import.decide id", "导入编号（imp_…）"),
    ("import.decide row", "该行在文件中的行号"),
    ("import.decide decision", "skip 或 update"),
    ("import.decide as_user", "处理者（用户名称或编号）"),
    ("import.cancel", "中止导入；已导入的部分保留，可以撤销"),
    ("import.cancel id", "导入编号（imp_…）"),
    ("import.cancel as_user", "下令的用户（名称或编号）"),
    ("import.undo", "整体撤销一次导入：未动过的档案销毁，更新过的恢复原值，其余列出"),
    ("import.undo id", "导入编号（imp_…）"),
    ("import.undo as_user", "下令的用户（名称或编号）"),
    ("import team", "档案归属的团队"),
    ("import as_user", "以谁的名义录入（用户名称或编号）"),
    ("import rejected", "问题行及原因写入的文件，默认为 FILE.rejected.csv"),
    ("import source", "资料来源，例如 government_register、website、visit、business_card"),
    ("ledger", "台账的各个日志：验证、证明、导出、查看"),
    ("ledger.logs", "列出变更日志与每台服务器的访问日志"),
    ("ledger.verify", "从头到尾验证所有日志"),
    ("ledger.verify against", "另存于别处的检查点，日志必须包含它；可多次给出"),
    ("ledger.verify deep", "同时打开每条记录、每个索引项与密钥，与日志核对"),
    ("ledger.proof", "证明某条目在日志中（C2SP tlog-proof 格式）"),
    ("ledger.proof entry", "条目编号，例如 c-12 或 a-1-12"),
    ("ledger.export", "把日志写成静态文件（C2SP tlog-tiles），供第三方验证程序使用"),
    ("ledger.export folder", "写入的目录"),
    ("ledger.checkpoint", "输出最新的已签名检查点，请另存于别处"),
    ("ledger.checkpoint out", "写入此文件"),
    ("ledger.consistency", "证明日志自某一大小以来只增不改"),
    ("ledger.consistency from", "先前的大小"),
    ("ledger.show", "查看条目：谁、何时、从何处、做了什么。查看本身也记入台账"),
    ("ledger.show from", "从第几条开始（默认显示最新的）"),
    ("ledger.show limit", "最多显示多少条（1 至 200）"),
    ("ledger.key", "输出验证检查点用的公钥"),
    ("ledger.follow", "输出变更日志中自上次同名调用以来新增的条目"),
    ("ledger.follow name", "跟随者名称，其位置保存在数据库中"),
    ("key", "密钥：状态、轮换与恢复凭据"),
    ("key.status", "各密钥的代数与天数，以及是否应轮换"),
    ("key.rotate", "更换密钥，读写不中断"),
    ("key.rotate data_keys", "同时更换桶密钥，并重新包装全部数据密钥"),
    ("key.recovery", "写在两张纸上的根密钥，供根密钥文件丢失时恢复"),
    ("key.recovery.print", "在本终端印出两张恢复凭据，并请你回填其中几组；两张合在一起就是根密钥"),
    ("key.recovery.print force", "输出不是终端时也照印，例如送往打印机"),
    ("key.recovery.restore", "从标准输入读入两张凭据，重建 `--keystore` 所指的根密钥文件"),
    ("search", "名称检索索引"),
    ("search.rebuild", "丢弃索引并由记录重建；索引为派生数据，不会丢失资料"),
    ("erase", "永久销毁一份档案：销毁其密钥，无法恢复"),
    ("erase id", "档案编号（dos_…）或客户编码"),
    ("erase as_user", "下令的用户（名称或编号），只有 CDO 可以"),
    ("migrate", "把全部内容从一个数据库迁移到另一个并逐条核对；期间不得有服务运行"),
    ("migrate from", "现有数据所在，写法同 `store.url`：sqlite 或 mysql://…"),
    ("migrate to", "迁往何处，必须为空"),
    (
        "migrate from_password_file",
        "首行为 `--from` 密码的文件（仅一处为 MySQL 时，也可用 $DOSSIER_STORE_PASSWORD）",
    ),
    ("migrate to_password_file", "首行为 `--to` 密码的文件"),
    ("demo", "供试用与测量的虚构数据"),
    ("demo.generate", "把虚构客户写入 CSV 文件，可供 import 读取；不需要数据目录"),
    ("demo.generate customers", "数量"),
    ("demo.generate out", "要写的 CSV 文件；`-` 为标准输出"),
    ("demo.generate seed", "种子相同，客户即相同"),
    ("config", "设置"),
    ("config.show", "显示文件与环境变量生效后的设置"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(command: &Command, path: &str, missing: &mut Vec<String>) {
        if text(path).is_none() {
            missing.push(path.to_owned());
        }
        for argument in command.get_arguments() {
            let id = argument.get_id();
            if text(&format!("{path} {id}")).or_else(|| text(&format!("* {id}"))).is_none() {
                missing.push(format!("{path} {id}"));
            }
        }
        for sub in command.get_subcommands() {
            let name = sub.get_name();
            let below = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            walk(sub, &below, missing);
        }
    }

    #[test]
    fn every_command_and_argument_has_a_chinese_text() {
        let mut missing = Vec::new();
        walk(&command(Lang::En), "", &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_chinese_text_is_left_over_for_something_that_is_gone() {
        let command = command(Lang::En);
        for (key, _) in TEXTS.iter().filter(|(key, _)| !key.starts_with("* ") && !key.is_empty()) {
            let (path, argument) = key.split_once(' ').map_or((*key, None), |(p, a)| (p, Some(a)));
            let found = path.split('.').try_fold(&command, |c, name| c.find_subcommand(name));
            let found = found.unwrap_or_else(|| panic!("no command for {key}"));
            assert!(
                argument.is_none_or(|a| found.get_arguments().any(|x| x.get_id() == a)),
                "no argument for {key}"
            );
        }
    }

    #[test]
    fn both_languages_build() {
        command(Lang::Zh).debug_assert();
        command(Lang::En).debug_assert();
    }
}
