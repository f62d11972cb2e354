//! The parameters of rules: an object of texts, as `InputParameters` holds it.

use std::collections::BTreeMap;

use catalog::RULES;

/// Every rule takes them, or says of each what it wants; and says the same when asked again.
pub fn run(input: &[u8]) {
    let Ok(given) = serde_json::from_slice::<BTreeMap<String, String>>(input) else { return };
    for entry in RULES {
        let problems = || entry.prepare(&given).err().map(|errors| errors.to_string());
        let told = problems();
        assert!(told.as_deref() != Some(""), "`{}` refuses parameters without a word", entry.meta.name);
        assert_eq!(told, problems(), "`{}`", entry.meta.name);
        let unknown = given.keys().find(|name| entry.all_parameters().all(|spec| spec.name != name.as_str()));
        assert!(unknown.is_none() || told.is_some(), "`{}` takes {unknown:?}", entry.meta.name);
    }
}
