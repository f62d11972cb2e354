//! Where things are, and the binaries that the tests run.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ stands in the repository").to_owned()
}

/// The text of a file below the root.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folder that holds all binaries, built as they are now.
pub(crate) fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--workspace", "--bins"])
            .current_dir(root())
            .status();
        assert!(built.expect("cargo runs, for it started this test").success(), "the binaries do not build");
        let probe = Path::new(env!("CARGO_BIN_EXE_periodic-probe"));
        probe.parent().expect("a binary stands in a folder").to_owned()
    })
}

/// A program of the tests' Python environment.
pub(crate) fn python_tool(name: &str) -> PathBuf {
    let tool = root().join(".venv/bin").join(name);
    assert!(tool.exists(), "{} is not there: `make test` installs it", tool.display());
    tool
}

/// A port of the loopback interface that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
