//! From finished wheels to a directory: takes the recipe's members and checks each against its
//! wheel's RECORD while it is written. A wheel that fails is removed: the next run fetches it again.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path};

use anyhow::{Context, Error, Result};
use indicatif::ProgressBar;
use zip::ZipArchive;
use zip::result::ZipError;

use super::record::{DAMAGED_HELP, Hasher, Record};
use super::wheels::{WHEELS, Wheel};
use crate::problem::{cannot_write, problem};
use crate::progress;

type Archive = ZipArchive<BufReader<File>>;

/// Whose fault it is decides whether the wheel is kept.
enum Failure {
    Wheel(Error),
    Disk(Error),
}

pub fn extract(downloads: &Path, root: &Path) -> Result<()> {
    for wheel in WHEELS {
        let path = downloads.join(wheel.file_name());
        let error = match extract_wheel(wheel, &path, root) {
            Ok(()) => continue,
            Err(Failure::Disk(error)) => error,
            Err(Failure::Wheel(error)) => {
                let _ = fs::remove_file(&path);
                error
            }
        };
        return Err(error.context(format!("cannot extract {} {}", wheel.name, wheel.version)));
    }
    Ok(())
}

fn extract_wheel(wheel: &Wheel, path: &Path, root: &Path) -> Result<(), Failure> {
    let mut archive = open(path).map_err(Failure::Wheel)?;
    let members = members(wheel, &mut archive).map_err(Failure::Wheel)?;
    let record = read_record(&mut archive).map_err(Failure::Wheel)?;
    let record = Record::parse(&record);

    let total = members.iter().map(|member| member.bytes).sum();
    let bar = progress::bytes(&format!("extracting {} {}", wheel.name, wheel.version), total);
    for member in members {
        let target = root.join(&member.destination);
        extract_member(&mut archive, &member, &target, &record, &bar)?;
    }
    bar.finish_and_clear();
    Ok(())
}

struct Member {
    index: usize,
    name: String,
    destination: String,
    bytes: u64,
}

/// The members that the recipe wants. Each file or directory that it names has to be there.
fn members(wheel: &Wheel, archive: &mut Archive) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(damaged)?;
        if file.is_dir() {
            continue;
        }
        if let Some(destination) = wheel.destination(file.name()).filter(|path| stays_inside(path)) {
            members.push(Member { index, name: file.name().to_owned(), destination, bytes: file.size() });
        }
    }
    let lacks = |from: &str| !members.iter().any(|member| member.name.starts_with(from));
    match wheel.members.iter().find(|(from, _)| lacks(from)) {
        Some((from, _)) => Err(problem(format!("the wheel has no `{from}`"), DAMAGED_HELP)),
        None => Ok(members),
    }
}

/// No zip archive may name a place outside the target directory.
fn stays_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn extract_member(
    archive: &mut Archive,
    member: &Member,
    target: &Path,
    record: &Record<'_>,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let disk = |error: io::Error| Failure::Disk(cannot_write(target, &error));
    if let Some(dir) = target.parent() {
        fs::create_dir_all(dir).map_err(disk)?;
    }
    let mut output = File::create(target).map_err(disk)?;
    let mut input = archive.by_index(member.index).map_err(|error| Failure::Wheel(damaged(error)))?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 17];
    loop {
        let n_bytes =
            input.read(&mut buffer).map_err(|error| Failure::Wheel(damaged(ZipError::Io(error))))?;
        if n_bytes == 0 {
            break;
        }
        hasher.update(&buffer[..n_bytes]);
        output.write_all(&buffer[..n_bytes]).map_err(disk)?;
        bar.inc(n_bytes as u64);
    }
    record.check(&member.name, &hasher).map_err(Failure::Wheel)
}

fn read_record(archive: &mut Archive) -> Result<String> {
    let name = archive.file_names().find(|name| name.ends_with(".dist-info/RECORD"));
    let name = name.map(str::to_owned).ok_or_else(|| problem("it has no RECORD", DAMAGED_HELP))?;
    let mut text = String::new();
    let mut file = archive.by_name(&name).map_err(damaged)?;
    file.read_to_string(&mut text).map_err(|error| damaged(ZipError::Io(error)))?;
    Ok(text)
}

fn open(path: &Path) -> Result<Archive> {
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    Archive::new(BufReader::new(file)).map_err(damaged)
}

fn damaged(error: ZipError) -> Error {
    problem(format!("the wheel is damaged: {error}"), DAMAGED_HELP)
}

#[cfg(test)]
mod tests {
    use zip::ZipWriter;
    use zip::write::FileOptions;

    use super::*;

    const WHEEL: Wheel = Wheel {
        name: "pkg",
        version: "1",
        sha256: "",
        bytes: 0,
        members: &[("pkg/lib/a.so", "lib/a.so"), ("pkg/include/", "include/")],
    };

    // printf abc | sha256sum | xxd -r -p | base64, as RECORD spells it
    const ABC: &str = "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3";

    /// A wheel of these members, extracted.
    fn extract_members(members: &[(&str, &str)]) -> (tempfile::TempDir, Result<(), Failure>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(WHEEL.file_name());
        let mut writer = ZipWriter::new(File::create(&path).unwrap());
        for (name, content) in members {
            writer.start_file(*name, FileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let result = extract_wheel(&WHEEL, &path, &dir.path().join("root"));
        (dir, result)
    }

    fn message(result: Result<(), Failure>) -> String {
        match result.unwrap_err() {
            Failure::Wheel(error) | Failure::Disk(error) => error.to_string(),
        }
    }

    #[test]
    fn wanted_members_are_moved_to_their_places() {
        let record = format!("pkg/lib/a.so,{ABC}\npkg/include/b/c.h,{ABC}\npkg-1.dist-info/RECORD,,");
        let (dir, result) = extract_members(&[
            ("pkg/lib/a.so", "abc"),
            ("pkg/lib/unwanted.so", "abc"),
            ("pkg/include/b/c.h", "abc"),
            ("pkg/include/../../escaped.h", "abc"),
            ("pkg-1.dist-info/RECORD", &record),
        ]);
        assert!(result.is_ok());
        let root = dir.path().join("root");
        assert_eq!(fs::read_to_string(root.join("lib/a.so")).unwrap(), "abc");
        assert_eq!(fs::read_to_string(root.join("include/b/c.h")).unwrap(), "abc");
        assert!(!root.join("lib/unwanted.so").exists());
        assert!(!dir.path().join("escaped.h").exists());
    }

    #[test]
    fn a_changed_member_is_named() {
        let record = format!("pkg/lib/a.so,{ABC}\npkg/include/c.h,{ABC}\n");
        let (_dir, result) = extract_members(&[
            ("pkg/lib/a.so", "abc"),
            ("pkg/include/c.h", "abd"),
            ("pkg-1.dist-info/RECORD", &record),
        ]);
        let message = message(result);
        assert!(message.starts_with("`pkg/include/c.h` is damaged\n   help: run this"), "{message}");
    }

    #[test]
    fn a_missing_member_is_named() {
        let (_dir, result) = extract_members(&[("pkg/lib/a.so", "abc"), ("pkg-1.dist-info/RECORD", "")]);
        assert!(message(result).starts_with("the wheel has no `pkg/include/`"));
    }

    #[test]
    fn a_truncated_wheel_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pkg-1.whl");
        fs::write(&path, "PK").unwrap();
        let result = extract_wheel(&WHEEL, &path, &dir.path().join("root"));
        assert!(message(result).starts_with("the wheel is damaged: "));
    }
}
