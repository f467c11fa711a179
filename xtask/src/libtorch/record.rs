//! A wheel's RECORD: the hash and size of each of its members, as lines of
//! `path,sha256=<urlsafe base64 without padding>,size`.
//! <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>

use std::collections::HashMap;

use anyhow::Result;
use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use crate::problem::problem;

/// What to do about a damaged wheel.
pub const DAMAGED_HELP: &str = "run this again to fetch the wheel anew; if that does not help, check \
                                the disk, and the package index that pip is configured to use";

pub struct Record<'a> {
    entries: HashMap<String, Entry<'a>>,
}

#[derive(PartialEq)]
struct Entry<'a> {
    sha256: &'a str,
    bytes: u64,
}

/// What was seen of a member so far.
#[derive(Clone, Default)]
pub struct Hasher {
    sha256: Sha256,
    bytes: u64,
}

impl Hasher {
    pub fn update(&mut self, chunk: &[u8]) {
        self.sha256.update(chunk);
        self.bytes += chunk.len() as u64;
    }
}

impl<'a> Record<'a> {
    pub fn parse(text: &'a str) -> Record<'a> {
        Record { entries: text.lines().filter_map(parse_line).collect() }
    }

    /// Fails unless the member's content is what the wheel was built with.
    pub fn check(&self, member: &str, content: &Hasher) -> Result<()> {
        let mut buffer = [0; 64];
        let sha256 = content.sha256.clone().finalize();
        let sha256 = Base64UrlUnpadded::encode(&sha256, &mut buffer).expect("43 characters fit");
        match self.entries.get(member) {
            Some(entry) if *entry == (Entry { sha256, bytes: content.bytes }) => Ok(()),
            Some(_) => Err(problem(format!("`{member}` is damaged"), DAMAGED_HELP)),
            None => Err(problem(format!("`{member}` is not in the wheel's RECORD"), DAMAGED_HELP)),
        }
    }
}

/// Paths with commas are quoted, with quotes doubled; the other two fields have neither.
/// RECORD's line about itself has no hash and is left out.
fn parse_line(line: &str) -> Option<(String, Entry<'_>)> {
    let (rest, bytes) = line.rsplit_once(',')?;
    let (path, hash) = rest.rsplit_once(',')?;
    let entry = Entry { sha256: hash.strip_prefix("sha256=")?, bytes: bytes.trim().parse().ok()? };
    let quoted = path.strip_prefix('"').and_then(|path| path.strip_suffix('"'));
    Some((quoted.map_or_else(|| path.to_owned(), |path| path.replace("\"\"", "\"")), entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    // printf abc | sha256sum | xxd -r -p | base64, as RECORD spells it
    const ABC: &str = "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";

    fn seen(content: &str) -> Hasher {
        let mut hasher = Hasher::default();
        content.as_bytes().chunks(2).for_each(|chunk| hasher.update(chunk));
        hasher
    }

    #[test]
    fn members_are_checked_against_their_lines() {
        let text = format!("pkg/a.h,{ABC},3\npkg/b.h,{ABC},4\npkg.dist-info/RECORD,,\n");
        let record = Record::parse(&text);
        assert!(record.check("pkg/a.h", &seen("abc")).is_ok());
        for (member, content, message) in [
            ("pkg/a.h", "abd", "`pkg/a.h` is damaged\n   help: run this again"),
            ("pkg/b.h", "abc", "`pkg/b.h` is damaged"),
            ("pkg/c.h", "abc", "`pkg/c.h` is not in the wheel's RECORD"),
            ("pkg.dist-info/RECORD", "", "`pkg.dist-info/RECORD` is not in the wheel's RECORD"),
        ] {
            let error = record.check(member, &seen(content)).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn quoted_paths_are_unquoted() {
        let line = format!("\"a,\"\"b\"\".h\",{ABC},3\r");
        let (path, entry) = parse_line(&line).unwrap();
        assert_eq!((path.as_str(), entry.bytes), ("a,\"b\".h", 3));
    }

    #[test]
    fn other_hashes_do_not_count() {
        assert!(parse_line("a.h,md5=rL0Y20zC-Fzt72VPzMSk2A,3").is_none());
        assert!(parse_line("a.h").is_none());
    }
}
