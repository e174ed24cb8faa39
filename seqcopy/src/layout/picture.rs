//! Draws a type, in the style of `pahole`: [`Layout::display`].
//!
//! The tree is walked twice, once to measure the columns and once to draw, because rows can't be stored without an
//! allocator.

use core::fmt;
use core::fmt::{Display, Formatter, Write};

use crate::layout::{Access, AccessKind, Field, Layout, Path, Shape, Variant};

/// One line of the table.
pub(super) struct Row<'a> {
    pub(super) offset: usize,
    pub(super) size: usize,
    pub(super) what: What<'a>,
}

pub(super) enum What<'a> {
    /// A field, an array's first element, or the whole type.
    Place(&'a Path<'a>, &'a Layout),
    /// The elements of an array from the second on. The number counts all elements.
    Rest(&'a Path<'a>, usize),
    /// Which variant the rows below belong to.
    Variant(&'a Variant),
    Hole(&'static str),
}

impl What<'_> {
    /// Whether the row shows bytes that no other row shows.
    pub(super) fn is_data(&self) -> bool {
        matches!(self, What::Place(_, layout) if is_leaf(layout))
    }
}

impl Display for What<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            What::Place(Path::Root, layout) => write!(f, "{}", layout.type_name()),
            What::Place(path, layout) => write!(f, "{path}: {}", layout.type_name()),
            What::Rest(path, 2) => write!(f, "{path}[1]: the same"),
            What::Rest(path, len) => write!(f, "{path}[1] to [{}]: the same", len - 1),
            What::Variant(variant) => write!(f, "variant {} = {}", variant.name(), variant.value()),
            What::Hole(name) => write!(f, "~ {name}"),
        }
    }
}

type Each<'e> = &'e mut dyn FnMut(Row<'_>) -> fmt::Result;

pub(super) fn each_row(layout: &Layout, each: Each<'_>) -> fmt::Result {
    if is_leaf(layout) {
        return each(Row { offset: 0, size: layout.size(), what: What::Place(&Path::Root, layout) });
    }
    inside(layout, 0, &Path::Root, each)
}

/// The rows inside a node that starts at `offset`.
fn inside(layout: &Layout, offset: usize, path: &Path<'_>, each: Each<'_>) -> fmt::Result {
    match layout.shape() {
        Shape::Struct { fields: list } => fields(list, Some(layout.size()), offset, path, each),
        Shape::Enum { tag, payload, variants } => {
            each(Row { offset, size: tag.size(), what: What::Place(&Path::Field(path, "tag"), tag) })?;
            // A hole after the tag is drawn above the fields, and a hole at the end below them.
            let hole = |at: usize, end: usize| Row {
                offset: offset + at,
                size: end - at,
                what: What::Hole("hole in every variant"),
            };
            let mut gaps = gaps(tag.size(), layout.size(), payload, variants).peekable();
            if let Some((at, end)) = gaps.next_if(|gap| gap.0 == tag.size() && gap.1 < layout.size()) {
                each(hole(at, end))?;
            }
            for variant in variants {
                each(Row { offset, size: 0, what: What::Variant(variant) })?;
                fields(variant.fields(), None, offset + payload, &Path::Field(path, variant.name()), each)?;
            }
            gaps.try_for_each(|(at, end)| each(hole(at, end)))
        }
        Shape::Array { element, len } if len > 0 && !is_leaf(element) => {
            let first = Path::Element(path, 0);
            each(Row { offset, size: element.size(), what: What::Place(&first, element) })?;
            inside(element, offset, &first, each)?;
            if len > 1 {
                let (rest, size) = (offset + element.size(), (len - 1) * element.size());
                each(Row { offset: rest, size, what: What::Rest(path, len) })?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Draws fields in the order of memory, and with `size`, the holes between and after them.
fn fields(fields: &[Field], size: Option<usize>, start: usize, path: &Path<'_>, each: Each<'_>) -> fmt::Result {
    let mut reached = 0;
    for field in in_memory_order(fields) {
        let offset = start + field.offset();
        if size.is_some() && field.offset() > reached {
            each(Row { offset: start + reached, size: field.offset() - reached, what: What::Hole("hole") })?;
        }
        let path = Path::Field(path, field.name());
        each(Row { offset, size: field.layout().size(), what: What::Place(&path, field.layout()) })?;
        inside(field.layout(), offset, &path, each)?;
        reached = reached.max(field.end());
    }
    match size {
        Some(size) if reached < size => {
            each(Row { offset: start + reached, size: size - reached, what: What::Hole("padding at the end") })
        }
        _ => Ok(()),
    }
}

/// The bytes of an enum that belong to no field of any variant. Holes inside a field are drawn with the field.
fn gaps(tag: usize, size: usize, payload: usize, variants: &[Variant]) -> impl Iterator<Item = (usize, usize)> {
    let places = move || {
        let fields = variants.iter().flat_map(Variant::fields);
        fields.map(move |field| (payload + field.offset(), payload + field.end())).filter(|(at, end)| at < end)
    };
    let mut reached = tag;
    core::iter::from_fn(move || {
        while let Some(end) = places().filter(|&(at, end)| at <= reached && reached < end).map(|(_, end)| end).max() {
            reached = end;
        }
        let at = reached;
        reached = places().map(|(at, _)| at).filter(|&next| next > at).min().unwrap_or(size);
        (at < size).then_some((at, reached))
    })
}

/// Whether a node has no rows of its own below it.
fn is_leaf(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Struct { .. } | Shape::Enum { .. } => false,
        Shape::Array { element, .. } => is_leaf(element),
        _ => true,
    }
}

/// The fields sorted by offset, because the compiler reorders the fields of `repr(Rust)` structs.
fn in_memory_order(fields: &[Field]) -> impl Iterator<Item = &Field> {
    let key = |index: usize| (fields[index].offset(), index);
    let first = (0..fields.len()).min_by_key(|&index| key(index));
    core::iter::successors(first, move |&last| {
        (0..fields.len()).filter(|&index| key(index) > key(last)).min_by_key(|&index| key(index))
    })
    .map(|index| &fields[index])
}

/// The type as the title of its drawing.
pub(super) struct Title<'a>(pub(super) &'a Layout);

impl Display for Title<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keyword = match self.0.shape() {
            Shape::Tags { .. } | Shape::Enum { .. } => "enum ",
            // Tuples have no name.
            Shape::Struct { .. } if !matches!(self.0.name(), "" | "()" | "tuple") => "struct ",
            _ => "",
        };
        write!(f, "{keyword}{}", self.0.type_name())
    }
}

/// The size of a cache line on most machines.
const LINE: usize = 64;

/// Draws a type.
#[derive(Clone, Copy)]
struct Picture<'a> {
    layout: &'a Layout,
    base: usize,
}

impl Layout {
    /// A drawing of the type: offset, size, path and type of each field, holes, padding at the end, where cache lines
    /// start (counted from the start of the type), and the accesses that copy it if the storage is aligned to `base`.
    /// Only the first element of an array is drawn.
    ///
    /// The last column lists the accesses that start in the row, by their width in bytes. `^` means that an access from
    /// a row above also covers the row, or the start of it. `ptr` is a pointer. `n vector bytes` belong to a long run,
    /// which vector instructions copy.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// #[derive(SeqCopy)]
    /// #[repr(C)]
    /// struct Sample { ok: bool, level: u16, mode: u8, kind: u8 }
    /// let picture = "\
    /// struct Sample: 6 bytes, align 2, 1 cache line
    /// offset   size  field        accesses
    ///      0      1  ok: bool     1
    ///      1      1  ~ hole
    ///      2      2  level: u16   2
    ///      4      1  mode: u8     2
    ///      5      1  kind: u8     ^
    /// 5 bytes of data, 1 byte in 1 hole
    /// 3 accesses at base 2: 2 x 2, 1 x 1
    /// ";
    /// assert_eq!(Sample::LAYOUT.display(2).to_string(), picture);
    /// ```
    #[must_use]
    pub fn display(&self, base: usize) -> impl Display + Copy + use<'_> {
        assert!(base.is_power_of_two(), "the alignment {base} is not a power of two");
        Picture { layout: self, base }
    }
}

impl Display for Picture<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let layout = self.layout;
        let lines = Count(layout.size().div_ceil(LINE), "cache line");
        writeln!(f, "{}: {}, align {}, {lines}", Title(layout), Count(layout.size(), "byte"), layout.align())?;

        let mut widest = "field".len();
        each_row(layout, &mut |row| {
            let mut width = Width(0);
            write!(width, "{}", row.what)?;
            widest = widest.max(width.0);
            Ok(())
        })?;
        writeln!(f, "offset   size  {:widest$}   accesses", "field")?;
        let mut line = 0;
        each_row(layout, &mut |row| self.draw(f, &row, widest, &mut line))?;

        let (mut holes, mut padding) = (0, 0);
        for hole in layout.holes() {
            holes += 1;
            padding += hole.len();
        }
        write!(f, "{} of data, ", Count(layout.size() - padding, "byte"))?;
        match holes {
            0 => writeln!(f, "no padding")?,
            _ => writeln!(f, "{} in {}", Count(padding, "byte"), Count(holes, "hole"))?,
        }
        self.sum(f)
    }
}

impl Picture<'_> {
    fn draw(&self, f: &mut Formatter<'_>, row: &Row<'_>, widest: usize, line: &mut usize) -> fmt::Result {
        let Row { offset, size, .. } = *row;
        let has_place = !matches!(row.what, What::Variant(_));
        if has_place && offset / LINE > *line {
            *line = offset / LINE;
            write!(f, "------ cache line {line}")?;
            match offset % LINE {
                0 => writeln!(f, " ------")?,
                past => writeln!(f, " began {} before ------", Count(past, "byte"))?,
            }
        }
        if has_place {
            write!(f, "{offset:>6} {size:>6}  ")?;
        } else {
            write!(f, "{:15}", "")?;
        }
        let mut width = Width(0);
        write!(width, "{}", row.what)?;
        write!(f, "{}", row.what)?;
        if row.what.is_data() {
            let gap = widest - width.0 + 2;
            self.accesses(f, offset, offset + size, gap)?;
        }
        writeln!(f)
    }

    /// The accesses to the bytes from `start` to `end`, with equal neighbours grouped.
    fn accesses(&self, f: &mut Formatter<'_>, start: usize, end: usize, gap: usize) -> fmt::Result {
        let mut column = Accesses { f, start, gap, is_empty: true, pending: None };
        let mut result = Ok(());
        self.layout.each_series(self.base, |access, count| {
            // The part of the series that accesses these bytes.
            let from = start.saturating_sub(access.offset) / access.width;
            let to = end.saturating_sub(access.offset).div_ceil(access.width).min(count);
            if from < to && result.is_ok() {
                result = column.add(access, from, to);
            }
        });
        result?;
        column.end()
    }

    /// How many accesses there are, by width.
    fn sum(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut words = [0; 4];
        let (mut pointers, mut bytes) = (0, 0);
        self.layout.each_series(self.base, |access, count| match access.kind {
            AccessKind::Word => words[access.width.ilog2() as usize] += count,
            AccessKind::Pointer => pointers += count,
            AccessKind::Vector => bytes += count,
        });
        let total = words.iter().sum::<usize>() + pointers;
        if total == 0 && bytes > 0 {
            return writeln!(f, "{}", Count(bytes, "vector byte"));
        }
        write!(f, "{} at base {}", Count(total, "access"), self.base)?;
        let mut before = ":";
        for (log, &times) in words.iter().enumerate().rev().filter(|&(_, &times)| times > 0) {
            write!(f, "{before} {times} x {}", 1 << log)?;
            before = ",";
        }
        if pointers > 0 {
            write!(f, "{before} {}", Count(pointers, "pointer"))?;
            before = ",";
        }
        if bytes > 0 {
            write!(f, "{before} {}", Count(bytes, "vector byte"))?;
        }
        writeln!(f)
    }
}

/// The last column of a row.
struct Accesses<'a, 'f> {
    f: &'a mut Formatter<'f>,
    /// The offset of the row's first byte.
    start: usize,
    /// How many spaces separate the column from the one before.
    gap: usize,
    is_empty: bool,
    /// Equal neighbours that have not been written yet.
    pending: Option<(Access, usize)>,
}

impl Accesses<'_, '_> {
    /// Adds accesses number `from..to` of a series of equal accesses, whose first one is `access`.
    fn add(&mut self, access: Access, mut from: usize, to: usize) -> fmt::Result {
        if core::mem::take(&mut self.is_empty) {
            write!(self.f, "{:1$}", "", self.gap)?;
        }
        if access.offset + from * access.width < self.start {
            write!(self.f, " ^")?;
            from += 1;
        }
        match &mut self.pending {
            _ if from == to => Ok(()),
            Some((same, times)) if (same.width, same.kind) == (access.width, access.kind) => {
                *times += to - from;
                Ok(())
            }
            _ => {
                self.end()?;
                self.pending = Some((access, to - from));
                Ok(())
            }
        }
    }

    /// Writes the pending accesses.
    fn end(&mut self) -> fmt::Result {
        let Some((Access { width, kind, .. }, times)) = self.pending.take() else { return Ok(()) };
        if kind == AccessKind::Vector {
            return write!(self.f, " {}", Count(times, "vector byte"));
        }
        match times {
            1 => write!(self.f, " ")?,
            _ => write!(self.f, " {times}x")?,
        }
        match kind {
            AccessKind::Pointer => write!(self.f, "ptr"),
            _ => write!(self.f, "{width}"),
        }
    }
}

/// A number with its noun, in the singular or plural.
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

/// Counts characters.
struct Width(usize);

impl Write for Width {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}
