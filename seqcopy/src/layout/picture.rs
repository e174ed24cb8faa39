//! A type drawn the way `pahole` draws it: [`Layout::display`].

use core::cell::Cell;
use core::fmt::{self, Display, Formatter};

use super::{Access, AccessKind, Field, Layout, Shape, Variant};

/// A cache line of the machines that most of this runs on.
const LINE: usize = 64;

/// Draws a type. Made by [`Layout::display`].
///
/// ```
/// # use seqcopy::SeqCopy;
/// assert!(u16::LAYOUT.display(2).to_string().starts_with("u16"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    layout: &'static Layout,
    base: usize,
}

impl Layout {
    /// A drawing of the type: offset, size and type of each field, holes, padding at the end, where cache lines
    /// begin (counted from the start of the type), and the accesses by which a copy moves it if the storage is
    /// aligned to `base`.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// #[derive(SeqCopy)]
    /// #[repr(C)]
    /// struct Sample { ok: bool, level: u16 }
    /// let picture = Sample::LAYOUT.display(8).to_string();
    /// assert!(picture.contains("~ hole"));
    /// assert!(picture.contains("level: u16"));
    /// println!("{picture}");
    /// ```
    #[must_use]
    pub fn display(&'static self, base: usize) -> Picture {
        assert!(base.is_power_of_two(), "alignments are powers of two, and {base} is none");
        Picture { layout: self, base }
    }
}

impl Display for Picture {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let layout = self.layout;
        writeln!(f, "{}: {} bytes, align {}", TypeName(layout), layout.size, layout.align)?;
        writeln!(f, "offset   size  field")?;
        let pen = Pen { line: Cell::new(0) };
        if is_leaf(layout) {
            pen.row(f, 0, layout.size, 0)?;
            writeln!(f, "{}", TypeName(layout))?;
        } else {
            pen.inside(f, layout, 0, 0)?;
        }

        let (mut holes, mut padding) = (0, 0);
        for hole in layout.holes() {
            holes += 1;
            padding += hole.len();
        }
        let data = layout.size - padding;
        writeln!(f, "{data} bytes of data, {} in {}", count(padding, "byte"), count(holes, "hole"))?;
        self.accesses(f)
    }
}

impl Picture {
    /// The cut, equal neighbours taken together.
    fn accesses(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} at base {}:", count(self.layout.cut(self.base).count(), "access"), self.base)?;
        let mut accesses = self.layout.cut(self.base).peekable();
        while let Some(Access { offset, width, kind, .. }) = accesses.next() {
            let mut times = 1;
            while accesses
                .next_if(|next| (next.offset, next.width, next.kind) == (offset + times * width, width, kind))
                .is_some()
            {
                times += 1;
            }
            let what = match kind {
                AccessKind::Word => "byte",
                AccessKind::Pointer => "byte pointer",
            };
            let plural = if width == 1 || kind == AccessKind::Pointer { "" } else { "s" };
            writeln!(f, "{offset:>6}  {times:>4} x {width} {what}{plural}")?;
        }
        Ok(())
    }
}

fn count(n: usize, what: &str) -> impl Display {
    struct Count<'a>(usize, &'a str);
    impl Display for Count<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            let plural = match (self.0, self.1.ends_with('s')) {
                (1, _) => "",
                (_, true) => "es",
                (_, false) => "s",
            };
            write!(f, "{} {}{plural}", self.0, self.1)
        }
    }
    Count(n, what)
}

/// Draws line after line and knows in which cache line it is.
struct Pen {
    line: Cell<usize>,
}

impl Pen {
    /// Begins a row with offset and size.
    fn row(&self, f: &mut Formatter<'_>, offset: usize, size: usize, depth: usize) -> fmt::Result {
        if offset / LINE > self.line.get() {
            self.line.set(offset / LINE);
            writeln!(f, "------ cache line {} ------", offset / LINE)?;
        }
        write!(f, "{offset:>6} {size:>6}  {:indent$}", "", indent = 2 * depth)
    }

    /// What is inside a node that starts at `offset`.
    fn inside(&self, f: &mut Formatter<'_>, layout: &'static Layout, offset: usize, depth: usize) -> fmt::Result {
        match layout.shape {
            Shape::Struct { fields } => self.fields(f, fields, Some(layout.size), offset, depth),
            Shape::Choice { tag, payload, variants } => {
                self.row(f, offset, tag.size, depth)?;
                writeln!(f, "tag: {}", TypeName(tag))?;
                for Variant { name, value, fields } in variants {
                    writeln!(f, "{:15}{:indent$}variant {name} = {value}", "", "", indent = 2 * depth)?;
                    self.fields(f, fields, None, offset + payload, depth + 1)?;
                }
                for hole in layout.holes() {
                    self.row(f, offset + hole.start, hole.len(), depth)?;
                    writeln!(f, "~ hole in every variant")?;
                }
                Ok(())
            }
            Shape::Array { element, len } if len > 0 && !is_leaf(element) => {
                writeln!(f, "{:15}{:indent$}each element, the first here:", "", "", indent = 2 * depth)?;
                self.inside(f, element, offset, depth + 1)
            }
            _ => Ok(()),
        }
    }

    /// Fields in the order of memory; if `size` is given, with the holes between and behind them.
    fn fields(
        &self,
        f: &mut Formatter<'_>,
        fields: &'static [Field],
        size: Option<usize>,
        start: usize,
        depth: usize,
    ) -> fmt::Result {
        let mut reached = 0;
        for field in in_memory_order(fields) {
            if size.is_some() && field.offset > reached {
                self.row(f, start + reached, field.offset - reached, depth)?;
                writeln!(f, "~ hole")?;
            }
            self.row(f, start + field.offset, field.layout.size, depth)?;
            writeln!(f, "{}: {}", field.name, TypeName(field.layout))?;
            self.inside(f, field.layout, start + field.offset, depth + 1)?;
            reached = reached.max(field.end());
        }
        if let Some(size) = size.filter(|&size| reached < size) {
            self.row(f, start + reached, size - reached, depth)?;
            writeln!(f, "~ padding at the end")?;
        }
        Ok(())
    }
}

/// Nothing to draw below it.
fn is_leaf(layout: &Layout) -> bool {
    match layout.shape {
        Shape::Struct { .. } | Shape::Choice { .. } => false,
        Shape::Array { element, .. } => is_leaf(element),
        _ => true,
    }
}

/// `repr(Rust)` structs are laid out in an order of their own.
fn in_memory_order(fields: &'static [Field]) -> impl Iterator<Item = &'static Field> {
    let key = |index: usize| (fields[index].offset, index);
    let first = (0..fields.len()).min_by_key(|&index| key(index));
    core::iter::successors(first, move |&last| {
        (0..fields.len()).filter(|&index| key(index) > key(last)).min_by_key(|&index| key(index))
    })
    .map(|index| &fields[index])
}

/// The type as one would write it.
struct TypeName<'a>(&'a Layout);

impl Display for TypeName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.shape {
            Shape::Array { element, len } => write!(f, "[{}; {len}]", TypeName(element)),
            Shape::Skipped => write!(f, "skipped, neither read nor written"),
            Shape::Tags { .. } | Shape::Choice { .. } => write!(f, "enum {}", self.0.name),
            Shape::Struct { .. } if self.0.name.is_empty() => write!(f, "tuple"),
            _ => f.write_str(self.0.name),
        }
    }
}
