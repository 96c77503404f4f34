//! Lists the files of the browser part (`web/dist`) for the program to hold. Where it was not built there are none, and
//! the program says so in its place. `make web` touches this file, so that a first build of it is noticed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let dist = folder("CARGO_MANIFEST_DIR")?.join("../../web/dist");
    tell("rerun-if-changed=build.rs");
    let mut list = String::from("&[\n");
    if dist.join("index.html").exists() {
        let dist = dist.canonicalize()?;
        tell(&format!("rerun-if-changed={}", dist.display()));
        add(&dist, &dist, &mut list)?;
    }
    list.push_str("]\n");
    fs::write(folder("OUT_DIR")?.join("web.rs"), list)
}

/// Adds the files of a folder, in the order of their names.
fn add(root: &Path, folder: &Path, list: &mut String) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // What the build keeps for itself is nobody's.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            add(root, &path, list)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let url = format!("/{}", name.display());
            let _ = writeln!(list, "    ({url:?}, include_bytes!({:?})),", path.display().to_string());
        }
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "this is how a build script speaks")]
fn tell(text: &str) {
    println!("cargo::{text}");
}
