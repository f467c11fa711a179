//! The recipe: which wheels, and which of their members become libtorch.
//!
//! PyPI's only torch for x86_64 Linux is a CUDA build. Its CPU half works alone; Kineto in it needs
//! two small libraries of CUDA's to load. To move to another version, take the new file's hash
//! from `pip hash` or from PyPI's page.

pub struct Wheel {
    pub name: &'static str,
    pub version: &'static str,
    pub sha256: &'static str,
    pub bytes: u64,
    /// Member in the wheel and path in libtorch's directory; a directory ends in `/`.
    pub members: &'static [(&'static str, &'static str)],
}

pub const WHEELS: &[Wheel] = &[
    Wheel {
        name: "nvidia-cuda-runtime",
        version: "13.0.96",
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        bytes: 2_243_632,
        members: &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")],
    },
    Wheel {
        name: "nvidia-cuda-cupti",
        version: "13.0.85",
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        bytes: 10_715_597,
        members: &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")],
    },
    Wheel {
        name: "torch",
        version: super::VERSION,
        sha256: "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
        bytes: 526_574_961,
        members: &[
            ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
            ("torch/lib/libc10.so", "lib/libc10.so"),
            ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
            ("torch/include/", "include/"),
        ],
    },
];

/// Which of a release's wheels: any Python can download these, whatever it runs on itself.
pub const PIP_TAGS: &[&str] = &[
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_25_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
    "--implementation=cp",
    "--python-version=3.11",
    "--abi=cp311",
    "--abi=none",
];

impl Wheel {
    /// The name of a finished download.
    pub fn file_name(&self) -> String {
        format!("{}-{}.whl", self.name, self.version)
    }

    /// A line of a requirements file, by which pip accepts this very file only.
    pub fn requirement(&self) -> String {
        format!("{}=={} --hash=sha256:{}\n", self.name, self.version, self.sha256)
    }

    /// Where in libtorch's directory a member of the wheel goes, if anywhere.
    pub fn destination(&self, member: &str) -> Option<String> {
        self.members.iter().find_map(|(from, to)| {
            let rest = member.strip_prefix(from)?;
            (rest.is_empty() != from.ends_with('/')).then(|| format!("{to}{rest}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_by_name_or_by_directory() {
        let wheel = &WHEELS[2];
        let destination = |member| wheel.destination(member);
        assert_eq!(destination("torch/lib/libc10.so").as_deref(), Some("lib/libc10.so"));
        assert_eq!(destination("torch/include/ATen/ATen.h").as_deref(), Some("include/ATen/ATen.h"));
        assert_eq!(destination("torch/lib/libc10.so.old"), None);
        assert_eq!(destination("torch/lib/libtorch_cuda.so"), None);
        assert_eq!(destination("torch/include/"), None);
    }

    #[test]
    fn requirements_pin_the_file() {
        for wheel in WHEELS {
            assert_eq!(wheel.sha256.len(), 64);
            let start = format!("{}=={} --hash=sha256:", wheel.name, wheel.version);
            assert!(wheel.requirement().starts_with(&start));
        }
    }
}
