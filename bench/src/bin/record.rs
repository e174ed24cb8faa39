//! Records commands in a terminal, as a picture that moves:
//! `cargo run -p bench --bin record -- "COMMAND" "COMMAND" > seqcopy-shm/docs/telemetry.svg`.
//!
//! `script` (util-linux) gives each command a terminal, and writes what the command prints, and when. From that the
//! lines of the screen follow; each is a text in the picture that a style sheet shows from when it was printed until it
//! changed. There is no script inside. Times are those of the run, to 50 ms, with a pause after each command. Viewers
//! that can't animate show the last screen.

use std::fmt::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

/// The size of the terminal, in characters.
const COLUMNS: usize = 80;
const ROWS: usize = 23;
/// How long a screen stays when its command has ended, in seconds.
const PAUSE: f64 = 4.0;
/// What changes within this time is one change.
const TICK: f64 = 0.05;

fn main() -> ExitCode {
    let commands: Vec<String> = env::args().skip(1).collect();
    let mut screen = Screen::default();
    for command in &commands {
        if let Err(message) = screen.record(command) {
            eprintln!("record: {command}: {message}");
            return ExitCode::FAILURE;
        }
    }
    print!("{}", screen.svg());
    ExitCode::SUCCESS
}

/// What stands in a row of the screen, and since when.
#[derive(Default, Clone, PartialEq)]
struct Row {
    text: String,
    since: f64,
}

#[derive(Default)]
struct Screen {
    rows: [Row; ROWS],
    line: usize,
    column: usize,
    now: f64,
    /// What stood in a row, its number, and until when.
    past: Vec<(Row, usize, f64)>,
}

impl Screen {
    /// Runs a command on an empty screen.
    fn record(&mut self, command: &str) -> Result<(), String> {
        let file = |name| env::temp_dir().join(format!("seqcopy-record-{}.{name}", std::process::id()));
        let (output, timing) = (file("output"), file("timing"));
        let status = Command::new("script")
            .args(["--quiet", "--return", "--log-out"])
            .arg(&output)
            .arg("--log-timing")
            .arg(&timing)
            .args(["--command", &format!("stty cols {COLUMNS} rows {ROWS}; exec {command}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .map_err(|error| format!("script: {error}"))?;
        let text = fs::read(&output).map_err(|error| error.to_string())?;
        let times = fs::read_to_string(&timing).map_err(|error| error.to_string())?;
        let _ = (fs::remove_file(output), fs::remove_file(timing));
        if !status.success() {
            return Err(format!("{status}"));
        }
        for row in 0..ROWS {
            self.set(row, String::new());
        }
        (self.line, self.column) = (0, 0);
        // Where the program lies is not what a reader types.
        let typed = command.rsplit_once("release/").map_or(command, |(_, typed)| typed);
        self.print(&format!("$ {typed}\r\n"));
        self.replay(&text, &times)?;
        self.now += PAUSE;
        Ok(())
    }

    /// `times` has lines of the seconds to wait and the bytes to print then; a first line of the text is `script`'s
    /// own.
    fn replay(&mut self, text: &[u8], times: &str) -> Result<(), String> {
        let text = text.iter().position(|&byte| byte == b'\n').map_or(text, |end| &text[end + 1..]);
        let (mut printed, mut clock) = (0, self.now);
        for line in times.lines() {
            let (seconds, bytes) = line.split_once(' ').ok_or("no timing")?;
            clock += seconds.parse::<f64>().map_err(|error| error.to_string())?;
            self.now = (clock / TICK).round() * TICK;
            let end = printed + bytes.trim().parse::<usize>().map_err(|error| error.to_string())?;
            self.print(&String::from_utf8_lossy(text.get(printed..end).ok_or("a text that is too short")?));
            printed = end;
        }
        Ok(())
    }

    /// Prints as a terminal does that knows carriage return, line feed, and the sequence that clears the rest of a
    /// line.
    fn print(&mut self, text: &str) {
        let mut rest = text.chars();
        while let Some(char) = rest.next() {
            match char {
                '\r' => self.column = 0,
                '\n' => self.feed(),
                '\x1b' => {
                    let end: String = rest.by_ref().take_while(|char| !char.is_ascii_alphabetic()).collect();
                    if end == "[" {
                        let kept = self.rows[self.line].text.chars().take(self.column).collect();
                        self.set(self.line, kept);
                    }
                }
                char => {
                    if self.column == COLUMNS {
                        self.column = 0;
                        self.feed();
                    }
                    let mut row: Vec<char> = self.rows[self.line].text.chars().collect();
                    row.resize(row.len().max(self.column + 1), ' ');
                    row[self.column] = char;
                    self.set(self.line, row.into_iter().collect());
                    self.column += 1;
                }
            }
        }
    }

    /// Goes to the next line; the last one makes the others move up.
    fn feed(&mut self) {
        if self.line + 1 < ROWS {
            self.line += 1;
            return;
        }
        for row in 0..ROWS {
            let below = self.rows.get(row + 1).map(|row| row.text.clone());
            self.set(row, below.unwrap_or_default());
        }
    }

    fn set(&mut self, row: usize, text: String) {
        let new = Row { text, since: self.now };
        let old = &self.rows[row];
        if old.text == new.text {
            return;
        }
        let old = std::mem::replace(&mut self.rows[row], new);
        // What stood there for no time was not seen.
        if self.now > old.since && !old.text.trim().is_empty() {
            self.past.push((old, row, self.now));
        }
    }

    fn svg(&self) -> String {
        let (width, height) = (COLUMNS * 9 + 32, ROWS * 21 + 28);
        let mut body = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
             <title>A recording of a terminal</title>\n\
             <style>text{{font:15px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#D7DDE3;white-space:pre}}\
             .p{{fill:#8BD5A0}}.h{{visibility:hidden;animation:{:.2}s step-end infinite}}\
             @media (prefers-reduced-motion:reduce){{.h{{animation:none!important}}}}\n",
            self.now
        );
        let last = self.rows.iter().enumerate().filter(|(_, row)| !row.text.trim().is_empty());
        let last = last.map(|(number, row)| (row.clone(), number, self.now));
        let lines: Vec<_> = self.past.iter().cloned().chain(last).collect();
        let mut texts = String::new();
        for (number, (row, line, until)) in lines.iter().enumerate() {
            let (from, until) = (row.since / self.now * 100.0, until / self.now * 100.0);
            let _ = write!(body, "@keyframes f{number}{{0%{{visibility:hidden}}{from:.3}%{{visibility:visible}}");
            let ends = until < 100.0;
            let _ =
                writeln!(body, "{}}}", if ends { format!("{until:.3}%{{visibility:hidden}}") } else { String::new() });
            let prompt = if row.text.starts_with("$ ") { " p" } else { "" };
            let still = if ends { "" } else { ";visibility:visible" };
            let text = row.text.trim_end().replace('&', "&amp;").replace('<', "&lt;");
            let _ = writeln!(
                texts,
                "<text class=\"h{prompt}\" style=\"animation-name:f{number}{still}\" x=\"16\" y=\"{}\" xml:space=\"preserve\">{text}</text>",
                line * 21 + 30
            );
        }
        let _ = write!(
            body,
            "</style>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#161B22\"/>\n{texts}</svg>\n"
        );
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(screen: &Screen) -> Vec<&str> {
        screen.rows.iter().map(|row| row.text.as_str()).take_while(|text| !text.is_empty()).collect()
    }

    #[test]
    fn a_line_is_printed_over_another() {
        let mut screen = Screen::default();
        let text = b"Script started\nfirst\r\nlong one\rab\x1b[K\rc";
        screen.replay(text, "0.5 7\n1.0 8\n1.0 6\n0.25 2\n").unwrap();
        assert_eq!(texts(&screen), ["first", "cb"]);
        let past: Vec<_> =
            screen.past.iter().map(|(row, line, until)| (row.text.as_str(), *line, row.since, *until)).collect();
        assert_eq!(past, [("long one", 1, 1.5, 2.5), ("ab", 1, 2.5, 2.75)]);
        assert!(screen.replay(b"\nab", "1 3").is_err());
    }

    #[test]
    fn long_lines_wrap_and_old_ones_move_up() {
        let mut screen = Screen::default();
        screen.print(&format!("{}b", "a".repeat(COLUMNS)));
        assert_eq!(texts(&screen), ["a".repeat(COLUMNS).as_str(), "b"]);
        for line in 0..ROWS {
            screen.print(&format!("\r\n{line}"));
        }
        assert_eq!((texts(&screen)[0], texts(&screen).len()), ("0", ROWS));
    }

    #[test]
    fn the_picture_shows_a_line_as_long_as_it_stood_there() {
        let mut screen = Screen::default();
        screen.replay(b"\na<b\rxyz", "0 3\n1 4\n3 0\n").unwrap();
        let svg = screen.svg();
        assert!(
            svg.contains("@keyframes f0{0%{visibility:hidden}0.000%{visibility:visible}25.000%{visibility:hidden}}"),
            "{svg}"
        );
        assert!(svg.contains(">a&lt;b</text>") && svg.contains(">xyz</text>") && !svg.contains("<script"), "{svg}");
    }
}
