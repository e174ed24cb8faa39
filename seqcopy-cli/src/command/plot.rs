//! `seqcopy plot`: numbers over time, drawn in the terminal with Braille dots, or once as text. The newest number
//! stands beside them, with the smallest and the largest that is drawn.
//!
//! Libraries that draw such dots were left out: one has a licence that this command can't pass on, another brings 33
//! packages along.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::arguments::Plot;
use super::columns::{per_second, printable, printable_path, rate};
use super::csv::Columns;
use super::follow::{Followed, Step, rest};
use super::output::Screen;
use super::region::{Failure, newtype};
use super::source::Source;

use seqcopy::Layout;
use seqcopy::layout::{Scalar, Shape};
use seqcopy_shm::untyped::{Node, Value};

/// The most fields that are drawn if none is named.
const FIELDS: usize = 4;

/// The maximum number of lines if fields are named.
const MOST: usize = 16;

/// The maximum number of points of a line. If more come in a window, only the newest of several is drawn.
const POINTS: usize = 4000;

/// The time from one picture to the next.
const FRAME: Duration = Duration::from_millis(100);

/// The values of a field over time.
struct Line {
    name: String,
    /// The path of the field.
    path: String,
    points: VecDeque<(Instant, f64)>,
}

impl Line {
    /// Adds a point. If it comes too soon after the last point, it replaces it, so that the last point always has the
    /// newest number.
    fn add(&mut self, now: Instant, number: f64, window: Duration) {
        let least = window / u32::try_from(POINTS).expect("a small number");
        match self.points.back_mut() {
            Some((at, last)) if now.saturating_duration_since(*at) < least => *last = number,
            _ => self.points.push_back((now, number)),
        }
    }

    /// Removes the points before the window, except for the last of them, at which the line begins on the left.
    fn forget(&mut self, now: Instant, window: Duration) {
        while self.points.get(1).is_some_and(|(at, _)| now.saturating_duration_since(*at) > window) {
            self.points.pop_front();
        }
    }
}

/// The lines for the named fields, or for the first fields that are numbers.
fn lines(columns: &Columns, named: &[String], source: &Source<'_>) -> Result<Vec<Line>, String> {
    let is_of = |name: &str, field: &str| {
        name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let known = |field: &String| columns.names().any(|(name, _)| is_of(name, field));
    if let Some(field) = named.iter().find(|field| !known(field)) {
        let names: Vec<_> = columns.names().map(|(name, _)| printable(name)).take(24).collect();
        return Err(format!("there is no field `{}`: there are {}", printable(field), names.join(", ")));
    }
    let wanted = |name: &str| named.is_empty() || named.iter().any(|field| is_of(name, field));
    let most = if named.is_empty() { FIELDS } else { MOST };
    let found =
        columns.names().filter(|(name, path)| wanted(name) && source.type_of(path).is_some_and(is_number)).take(most);
    let line =
        |(name, path): (&str, &str)| Line { name: name.to_owned(), path: path.to_owned(), points: VecDeque::new() };
    let lines: Vec<_> = found.map(line).collect();
    if lines.is_empty() { Err("no number is among its fields".to_owned()) } else { Ok(lines) }
}

/// Whether values of the type are numbers, or may be.
fn is_number(layout: &Layout) -> bool {
    match (newtype(layout), layout.option_of(), layout.shape()) {
        (Some(only), ..) => is_number(only.layout()),
        (_, Some(inner), _) => is_number(inner),
        (.., shape) => matches!(shape, Shape::Scalar(kind) if kind != Scalar::Char),
    }
}

#[allow(clippy::cast_precision_loss)] // for dots
fn number(value: Value<'_>) -> Option<f64> {
    match value.look() {
        Node::Unsigned(number) => Some(number as f64),
        Node::Signed(number) => Some(number as f64),
        Node::Single(number) => Some(number.into()),
        Node::Double(number) => Some(number),
        Node::Bool(bool) => Some(f64::from(u8::from(bool))),
        // A newtype, or an option with a value.
        Node::Fields(fields) => fields.iter().next().and_then(|(_, only)| number(only)),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// Plots until interrupted. If the output is not a terminal, plots once.
pub(super) fn plot(options: &Plot, out: &mut impl Write) -> Result<(), Failure> {
    let is_once = options.once || !io::stdout().is_terminal();
    let part = super::arguments::Part { path: options.path.clone(), field: None, key: options.key.clone() };
    let refused = |why| Failure::at(&options.path, why);
    let mut followed = [Followed::new(&part)];
    let (mut drawn, mut lines, mut told): (_, Option<Vec<Line>>, _) = (Instant::now(), None, String::new());
    let (mut screen, began) = (Screen::new(), Instant::now());
    loop {
        match followed[0].look() {
            Step::Nothing => {}
            Step::Told(what) if lines.is_none() => return Err(refused(what)),
            Step::Told(what) => told = what,
            Step::Newer(_) => {
                let source = followed[0].source.as_ref().expect("it was looked at");
                if source.is_map() {
                    return Err(refused("this is a map: name an entry by `--key KEY`".to_owned()));
                }
                if let Ok(Some(read)) = source.read() {
                    let now = Instant::now();
                    if lines.is_none() {
                        let mut columns = Columns::default();
                        columns.add(source.layout()).map_err(refused)?;
                        lines = Some(self::lines(&columns, &options.fields, source).map_err(refused)?);
                    }
                    for line in lines.iter_mut().flatten() {
                        if let Some(number) = source.part(&read, &line.path).and_then(number) {
                            line.add(now, number, options.window);
                        }
                    }
                    told.clear();
                    let number = read.number();
                    followed[0].took(number);
                } else if lines.is_some() {
                    followed[0].failed();
                } else {
                    return Err(refused("there is no value that can be read yet".to_owned()));
                }
            }
        }
        let is_over = is_once && began.elapsed() >= options.window;
        if is_over || !is_once && drawn.elapsed() >= FRAME {
            let all = lines.as_mut().ok_or_else(|| refused("there is no value that can be read yet".to_owned()))?;
            draw(options, all, &told, &mut screen, out)?;
            drawn = Instant::now();
        }
        if is_over {
            return Ok(());
        }
        rest(followed.iter(), FRAME.min(options.window / 100).max(Duration::from_millis(1)));
    }
}

fn draw(
    options: &Plot,
    lines: &mut [Line],
    told: &str,
    screen: &mut Screen,
    out: &mut impl Write,
) -> Result<(), Failure> {
    screen.measure();
    let (width, height) = screen.size();
    let rows = ((height - 2) / lines.len()).saturating_sub(2).clamp(4, 16);
    let now = Instant::now();
    let mut sheet = screen.begin(out)?;
    sheet
        .line(format_args!("{}: the last {} s", printable_path(&options.path), options.window.as_secs_f64()), false)?;
    for line in lines {
        line.forget(now, options.window);
        let numbers = line.points.iter().map(|(_, number)| *number);
        let (least, most) =
            numbers.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), it| (least.min(it), most.max(it)));
        let last = numbers.clone().next_back().map_or("-".to_owned(), |last| format!("{last}"));
        let rate = rate(per_second(line.points.len() as u64, options.window));
        let name = printable(&line.name);
        sheet.line(format_args!("{name} = {last}, from {least} to {most}, {rate} points/s"), true)?;
        let share = |number: f64| if most > least { (number - least) / (most - least) } else { 0.5 };
        let time = |at: Instant| 1.0 - (now - at).as_secs_f64() / options.window.as_secs_f64();
        let points = line.points.iter().map(|(at, number)| (time(*at), share(*number)));
        for row in dots(points, width.clamp(20, 200) - 1, rows) {
            sheet.line(row, false)?;
        }
    }
    sheet.line(if told.is_empty() { String::new() } else { format!("! {}", printable(told)) }, !told.is_empty())?;
    sheet.end()
}

/// The bit of each dot of a character of Braille: two columns of four.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// The rows of Braille characters for a line. The line keeps each value until the next one, and covers all values in
/// the same column. Time and value are fractions, from the left and from below. The points are sorted by time.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small numbers, and shares
fn dots(points: impl Iterator<Item = (f64, f64)>, columns: usize, rows: usize) -> Vec<String> {
    let (width, height) = (2 * columns, 4 * rows);
    let place = |share: f64, most: usize| (share.clamp(0.0, 1.0) * (most - 1) as f64).round() as usize;
    let mut points = points.map(|(x, y)| (place(x, width), height - 1 - place(y, height))).peekable();
    let mut all = vec![vec![0u8; columns]; rows];
    let mut held = None;
    for x in 0..width {
        let mut seen = held..=held;
        while let Some((_, y)) = points.next_if(|(at, _)| *at <= x) {
            let (least, most) = (seen.start().unwrap_or(y), seen.end().unwrap_or(y));
            (held, seen) = (Some(y), Some(least.min(y))..=Some(most.max(y)));
        }
        let (Some(least), Some(most)) = seen.into_inner() else { continue };
        for y in least..=most {
            all[y / 4][x / 2] |= DOTS[x % 2][y % 4];
        }
    }
    let braille = |bits: &u8| char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' ');
    all.iter().map(|row| row.iter().map(braille).collect()).collect()
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;

    #[test]
    fn points_before_the_window_are_forgotten_but_one() {
        let (began, second) = (Instant::now(), Duration::from_secs(1));
        let points = (0..10u8).map(|at| (began + second * at.into(), f64::from(at))).collect();
        let mut line = Line { name: String::new(), path: String::new(), points };
        line.forget(began + second * 10, second * 4);
        assert_eq!(line.points.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [5.0, 6.0, 7.0, 8.0, 9.0]);
        line.forget(began + second * 100, second);
        assert_eq!(line.points.len(), 1);
    }

    /// If many numbers arrive between two points, the last point has the newest.
    #[test]
    fn the_last_point_is_the_newest_number() {
        let (began, window) = (Instant::now(), Duration::from_secs(4));
        let mut line = Line { name: String::new(), path: String::new(), points: VecDeque::new() };
        let step = window / 4000;
        for (number, at) in (0..100u32).map(|number| (number, began + step * number / 10)) {
            line.add(at, number.into(), window);
            assert_eq!(line.points.back().map(|(_, last)| last.to_bits()), Some(f64::from(number).to_bits()));
        }
        assert_eq!(line.points.len(), 10);
        // Numbers with enough time between them have a point each.
        (1..10).for_each(|at| line.add(began + window * at, at.into(), window));
        assert_eq!(line.points.len(), 19);
    }

    #[test]
    fn dots_are_where_the_numbers_are() {
        let draw = |points: &[(f64, f64)], columns, rows| dots(points.iter().copied(), columns, rows).join("\n");
        // Each dot alone, from the table of Unicode: \u{2800} and a bit for each dot.
        assert_eq!(draw(&[], 2, 1), "\u{2800}\u{2800}");
        // A value stays until the next one.
        assert_eq!(draw(&[(0.0, 0.0)], 2, 1), "⣀⣀");
        assert_eq!(draw(&[(0.0, 1.0)], 2, 2), "⠉⠉\n\u{2800}\u{2800}");
        assert_eq!(draw(&[(0.5, 1.0)], 2, 1), "\u{2800}⠉");
        // The way to the next value is drawn, and all values in the same column.
        assert_eq!(draw(&[(0.0, 0.0), (1.0, 1.0)], 2, 1), "⣀⣸");
        assert_eq!(draw(&[(0.0, 0.5), (0.0, 0.0), (0.0, 1.0)], 1, 1), "⡏");
        // Values before the window, and values outside of it.
        assert_eq!(draw(&[(-5.0, 0.0), (7.0, 2.0)], 2, 1), "⣀⣸");
    }

    #[derive(SeqCopy)]
    #[repr(C)]
    #[allow(dead_code)] // for its layout
    struct Scale(u16);

    #[derive(SeqCopy)]
    #[repr(u8)]
    #[allow(dead_code)] // for its layout
    enum Mode {
        Off = 3,
    }

    #[test]
    fn the_number_of_a_value() {
        let seven = 7u16.to_ne_bytes();
        for (layout, bytes, is_of_numbers, wanted) in [
            (u8::LAYOUT, &[200][..], true, Some(200.0)),
            (i8::LAYOUT, &[0xff], true, Some(-1.0)),
            (bool::LAYOUT, &[1], true, Some(1.0)),
            (bool::LAYOUT, &[0], true, Some(0.0)),
            (bool::LAYOUT, &[2], true, None),
            (f32::LAYOUT, &0.5f32.to_ne_bytes(), true, Some(0.5)),
            (f64::LAYOUT, &0.25f64.to_ne_bytes(), true, Some(0.25)),
            (f64::LAYOUT, &f64::NAN.to_ne_bytes(), true, None),
            (Scale::LAYOUT, &seven, true, Some(7.0)),
            (SeqOption::<bool>::LAYOUT, &[1, 1], true, Some(1.0)),
            (SeqOption::<bool>::LAYOUT, &[0, 1], true, None),
            (Mode::LAYOUT, &[3], false, None),
            (char::LAYOUT, &u32::from('a').to_ne_bytes(), false, None),
            (<[u8; 1]>::LAYOUT, &[1], false, None),
        ] {
            let found = (is_number(layout), number(Value::new(layout, bytes)));
            assert_eq!(found, (is_of_numbers, wanted), "{} {bytes:?}", layout.name());
        }
    }
}
