//! Whether two layouts describe the same type.

use seqcopy::Layout;

/// Asserts the same schema (names, kinds, offsets, sizes, alignments), accesses, facts and drawing.
///
/// # Panics
/// If they differ.
pub fn assert_alike(own: &'static Layout, remote: &'static Layout) {
    assert_eq!(own.schema(), remote.schema(), "{own:?}\n{remote:?}");
    for base in [1, 2, 4, 8, 64] {
        assert_eq!(crate::accesses(own, base), crate::accesses(remote, base), "{} at base {base}", own.name());
    }
    let facts = |it: &Layout| (it.is_specified(), it.is_padding_free(), it.has_pointers(), it.has_enum_with_fields());
    assert_eq!(facts(own), facts(remote), "{}", own.name());
    assert_eq!(own.display(8).to_string(), remote.display(8).to_string());
}
