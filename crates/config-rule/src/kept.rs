/// Which parts of an item's properties are read, so that the others need not be held in memory.
///
/// What is left out does not look absent: a [`Node`](crate::Node) says that it
/// [is not recorded](crate::Missing::NotRecorded), and a check that asks for it stays silent.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of the value.
    Whole,
    /// Of an object only these members; of a list, these members of each element.
    Members(&'static [(&'static str, Kept)]),
}

impl Kept {
    /// What is kept of a member; `None` if nothing is.
    pub(crate) fn of_member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Whole => Some(&Self::Whole),
            Self::Members(members) => members.iter().find(|(name, _)| *name == key).map(|(_, kept)| kept),
        }
    }

    /// What is kept of a section: where it is not mentioned that it is there, but nothing of it.
    pub(crate) fn of_section(&self, key: &str) -> &Self {
        self.of_member(key).unwrap_or(&Self::Members(&[]))
    }
}
