//! A type drawn the way `pahole` draws it: [`Layout::display`].
//!
//! The tree is walked twice, once to learn how wide the columns are and once to draw, because there is nowhere to
//! keep the rows without an allocator.

use core::fmt::{self, Display, Formatter, Write};

mod rows;

use crate::copy::list::{Access, AccessKind};
use crate::layout::Layout;
use rows::{Row, Title, What, each_row};

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
    /// A drawing of the type: offset, size, path and type of each field, holes, padding at the end, where cache lines
    /// begin (counted from the start of the type), and the accesses by which a copy moves it if the storage is
    /// aligned to `base`. Of an array's elements the first is drawn, because all are cut alike.
    ///
    /// The last column has the width in bytes of each access that begins in the row; `^` says that the row, or the
    /// start of it, belongs to an access that began further up; `ptr` is a pointer; `n by vector` are bytes of a long run,
    /// which vector instructions move.
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
    pub fn display(&'static self, base: usize) -> Picture {
        assert!(base.is_power_of_two(), "alignments are powers of two, and {base} is none");
        Picture { layout: self, base }
    }
}

impl Display for Picture {
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

impl Picture {
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

    /// The accesses of the bytes from `start` to `end`, equal neighbours taken together.
    fn accesses(&self, f: &mut Formatter<'_>, start: usize, end: usize, gap: usize) -> fmt::Result {
        let mut column = Accesses { f, start, gap, is_empty: true, pending: None };
        let mut result = Ok(());
        self.layout.each_series(self.base, |access, count| {
            // Those of the series that touch these bytes.
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
            return writeln!(f, "{} by vector", Count(bytes, "byte"));
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
            write!(f, "{before} {} by vector", Count(bytes, "byte"))?;
        }
        writeln!(f)
    }
}

/// The last column of a row.
struct Accesses<'a, 'f> {
    f: &'a mut Formatter<'f>,
    /// Where the row's bytes begin.
    start: usize,
    /// How far the column is away.
    gap: usize,
    is_empty: bool,
    /// Equal neighbours that were not written yet.
    pending: Option<(Access, usize)>,
}

impl Accesses<'_, '_> {
    /// Of a series of equal accesses, of which this is the first, those from number `from` up to `to`.
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
        match times {
            _ if kind == AccessKind::Vector => write!(self.f, " {times} by ")?,
            1 => write!(self.f, " ")?,
            _ => write!(self.f, " {times}x")?,
        }
        match kind {
            AccessKind::Word => write!(self.f, "{width}"),
            AccessKind::Vector => write!(self.f, "vector"),
            AccessKind::Pointer => write!(self.f, "ptr"),
        }
    }
}

/// A number and what it counts.
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
