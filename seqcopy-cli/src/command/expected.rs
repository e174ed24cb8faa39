//! [`Expected`]: what invalid bits should have been.

use std::fmt::{self, Display, Formatter};

use seqcopy::Layout;

/// What invalid bits should have been.
pub(super) enum Expected<'a> {
    Rule(&'static str),
    VariantOf(&'a Layout),
    /// So many bytes, of which so many are there.
    Bytes(usize, usize),
}

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Rule(rule) => f.write_str(rule),
            Expected::Bytes(all, there) => write!(f, "{all} bytes, of which {there} are there"),
            Expected::VariantOf(layout) => {
                write!(f, "a variant of `{}`: ", layout.name())?;
                // Enough to recognise the enum.
                for (i, variant) in layout.variants().iter().take(NAMED).enumerate() {
                    let separator = if i == 0 { "" } else { ", " };
                    write!(f, "{separator}{} = {}", variant.name(), variant.value())?;
                }
                if layout.variants().len() > NAMED { f.write_str(", ...") } else { Ok(()) }
            }
        }
    }
}

/// How many of an enum's variants are named.
pub(super) const NAMED: usize = 4;
