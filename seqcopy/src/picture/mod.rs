//! Draws a type, in the style of `pahole`: [`Layout::display`].
//!
//! The tree is walked twice, once to measure the columns and once to draw, because rows can't be stored without an
//! allocator.

use core::fmt::{self, Display, Formatter, Write};

mod rows;

use crate::layout::{Access, AccessKind, Layout};
use rows::{Row, Title, What, each_row};

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
    /// The last column lists the accesses that start in the row, by their width in bytes. `^` means that an access from a
    /// row above also covers the row, or the start of it. `ptr` is a pointer. `n vector bytes` belong to a long run, which
    /// vector instructions copy.
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
            // The part of the series that touches these bytes.
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
    /// Equal neighbours that are not written yet.
    pending: Option<(Access, usize)>,
}

impl Accesses<'_, '_> {
    /// Adds the accesses `from..to` of a series of equal ones, of which `access` is the first.
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

    /// Writes what is pending.
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

/// A number with the noun that it counts, in the singular or plural.
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
