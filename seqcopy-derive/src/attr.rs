//! Parses `#[seqcopy(..)]`, without judging which options are allowed where.
//!
//! This file has the grammar of the options and their names. Parsing never stops at a mistake: an option that can't be
//! understood is kept with its place, so that `check` can report all mistakes of an item together.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, ExprPath, LitStr, Meta, Path, Token, Type, WherePredicate, parenthesized, token};

/// The options that the derives know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Name {
    Crate,
    Bound,
    Check,
    Plain,
    Remote,
    Skip,
    As,
    Word,
    With,
    Default,
}

/// The kinds of places where an option may stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Type,
    Variant,
    Field,
}

impl Name {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crate,
        Self::Bound,
        Self::Check,
        Self::Plain,
        Self::Remote,
        Self::Skip,
        Self::As,
        Self::With,
        Self::Word,
        Self::Default,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Crate => "crate",
            Self::Bound => "bound",
            Self::Check => "check",
            Self::Plain => "plain",
            Self::Remote => "remote",
            Self::Skip => "skip",
            Self::As => "as",
            Self::Word => "word",
            Self::With => "with",
            Self::Default => "default",
        }
    }

    /// The way to write the option, for messages.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self::Crate => "crate = ::path::to::seqcopy",
            Self::Bound => "bound(T: SeqCopy)",
            Self::Check => "check = path::to::function",
            Self::Plain => "unsafe(plain)",
            Self::Remote => "remote = path::Type",
            Self::Skip => "skip",
            Self::As => "unsafe(as = Type)",
            Self::Word => "word = Parity<u32>",
            Self::With => "with = List",
            Self::Default => "default = path::to::function",
        }
    }

    pub(crate) fn place(self) -> Place {
        match self {
            Self::Crate | Self::Bound | Self::Check | Self::Plain | Self::Remote => Place::Type,
            Self::Skip | Self::As | Self::With | Self::Word | Self::Default => Place::Field,
        }
    }

    /// The option that a wrong word was probably meant to be. The user may have mistyped it, or used the word of
    /// another crate's derive.
    pub(crate) fn meant_by(word: &str) -> Option<Self> {
        match word {
            "ignore" | "omit" | "hole" | "padding" => return Some(Self::Skip),
            "from" | "into" | "like" => return Some(Self::As),
            "mirror" | "foreign" | "describe" => return Some(Self::Remote),
            "by" | "using" | "describedby" | "described_by" => return Some(Self::With),
            "validate" | "validator" | "valid" | "verify" => return Some(Self::Check),
            "where" => return Some(Self::Bound),
            "sequence" | "seq" | "count" | "lock" | "code" => return Some(Self::Word),
            "pod" | "bytes" | "opaque" | "raw" => return Some(Self::Plain),
            "otherwise" | "missing" | "fallback" | "optional" => return Some(Self::Default),
            _ => {}
        }
        let (distance, name) = Self::ALL
            .into_iter()
            .map(|name| (distance(word, name.word()), name))
            .min_by_key(|(distance, _)| *distance)?;
        // Short words are similar to all others.
        (distance <= 2 && 2 * distance <= word.len()).then_some(name)
    }

    fn from_word(word: &Ident) -> Option<Self> {
        let text = word.unraw().to_string();
        Self::ALL.into_iter().find(|name| name.word() == text)
    }
}

/// One option as written.
pub(crate) struct Opt {
    pub(crate) word: Ident,
    /// `None`: no such option exists.
    pub(crate) name: Option<Name>,
    /// The word `unsafe`, if it stands around the option.
    pub(crate) unsafety: Option<Span>,
    pub(crate) value: Value,
}

/// The value that follows an option's word.
pub(crate) enum Value {
    None,
    Crate(Path),
    Check(ExprPath),
    As(Box<Type>),
    /// The encoding of a sequence word.
    Word(Box<Type>),
    Remote(Box<Type>),
    With(Box<Type>),
    Default(ExprPath),
    Bound(Punctuated<WherePredicate, Token![,]>),
    /// A value that this option does not take.
    Unfit {
        span: Span,
        /// The content, if the value is a string, because other crates' derives take paths in quotes.
        text: Option<String>,
    },
    /// The predicates of `bound(..)` do not parse. The parser's own error is the best one.
    Syntax(syn::Error),
}

/// Text inside or around the options that is not an option at all.
pub(crate) enum Stray {
    /// `#[seqcopy]` or `#[seqcopy = ..]`.
    NoList(Span),
    /// Something other than a word where an option should begin.
    NoOption(Span),
    /// Something other than a comma after an option.
    NoComma(Span),
    /// `unsafe` without exactly one option in parentheses.
    Unsafe(Span),
    /// A token inside of a value that the value does not take, such as the 4 in `[u8; 3 4]`.
    Leftover(Span),
}

/// All options of one type, variant or field.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) list: Vec<Opt>,
    pub(crate) stray: Vec<Stray>,
}

impl Options {
    pub(crate) fn new(attrs: &[Attribute]) -> Self {
        let mut options = Self::default();
        for attr in attrs {
            // rustc takes a raw identifier for the same attribute, so this must, too.
            if attr.path().get_ident().is_none_or(|path| path.unraw() != "seqcopy") {
                continue;
            }
            match &attr.meta {
                Meta::List(list) => {
                    let all = |stream: ParseStream<'_>| {
                        options.parse(stream);
                        Ok(())
                    };
                    let result = all.parse2(list.tokens.clone());
                    options.leftover(result);
                }
                Meta::Path(_) | Meta::NameValue(_) => {
                    options.stray.push(Stray::NoList(attr.path().span()));
                }
            }
        }
        options
    }

    pub(crate) fn krate(&self) -> Option<&Path> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::Crate(path) => Some(path),
            _ => None,
        })
    }

    pub(crate) fn bound(&self) -> Option<&Punctuated<WherePredicate, Token![,]>> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::Bound(predicates) => Some(predicates),
            _ => None,
        })
    }

    /// The functions of `check = ..` and `unsafe(check = ..)`, in the order in which they run, with their options.
    pub(crate) fn checks(&self) -> impl Iterator<Item = (&Opt, &ExprPath)> {
        let of = |is_unsafe: bool| {
            self.list.iter().filter_map(move |opt| match &opt.value {
                Value::Check(path) if opt.unsafety.is_some() == is_unsafe => Some((opt, path)),
                _ => None,
            })
        };
        of(false).chain(of(true))
    }

    /// `skip`, or `word = ..`, which skips too.
    pub(crate) fn skip(&self) -> Option<&Opt> {
        self.list.iter().find(|opt| matches!(opt.name, Some(Name::Skip | Name::Word)))
    }

    /// `word = ..`: the option, and the encoding that it names.
    pub(crate) fn code(&self) -> Option<(&Opt, &Type)> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::Word(code) => Some((opt, &**code)),
            _ => None,
        })
    }

    /// `unsafe(plain)`: the type is copied as bytes.
    pub(crate) fn plain(&self) -> Option<&Opt> {
        self.list.iter().find(|opt| opt.name == Some(Name::Plain))
    }

    pub(crate) fn stand_in(&self) -> Option<&Type> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::As(ty) => Some(&**ty),
            _ => None,
        })
    }

    /// `remote = ..`: the type that the item describes, with the option itself.
    pub(crate) fn remote(&self) -> Option<(&Opt, &Type)> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::Remote(ty) => Some((opt, &**ty)),
            _ => None,
        })
    }

    /// `with = ..`: the type that describes the field's, with the option itself.
    pub(crate) fn with(&self) -> Option<(&Opt, &Type)> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::With(ty) => Some((opt, &**ty)),
            _ => None,
        })
    }

    /// `default` or `default = ..`: the option, and the function that it names.
    pub(crate) fn default_of(&self) -> Option<(&Opt, Option<&ExprPath>)> {
        self.list.iter().find_map(|opt| match &opt.value {
            Value::Default(path) => Some((opt, Some(path))),
            Value::None if opt.name == Some(Name::Default) => Some((opt, None)),
            _ => None,
        })
    }

    /// Parses a list of options with commas between them. Consumes every token.
    fn parse(&mut self, input: ParseStream<'_>) {
        while !input.is_empty() {
            self.parse_one(input, None);
            if !input.is_empty() && !input.peek(Token![,]) {
                self.stray.push(Stray::NoComma(input.span()));
                rest_of_option(input);
            }
            let _: Option<Token![,]> = input.parse().expect("an optional comma always parses");
        }
    }

    fn parse_one(&mut self, input: ParseStream<'_>, unsafety: Option<Span>) {
        if unsafety.is_none() && input.peek(Token![unsafe]) {
            let word: Token![unsafe] = input.parse().expect("peeked");
            self.parse_unsafe(input, word.span);
            return;
        }
        let Ok(word) = input.call(Ident::parse_any) else {
            self.stray.push(Stray::NoOption(input.span()));
            rest_of_option(input);
            return;
        };
        let name = Name::from_word(&word);
        let value = parse_value(input, name);
        self.list.push(Opt { word, name, unsafety, value });
    }

    /// Parses the rest of `unsafe(..)`, which is one option in parentheses.
    fn parse_unsafe(&mut self, input: ParseStream<'_>, word: Span) {
        let Ok((Delimiter::Parenthesis, tokens)) = group(input) else {
            self.stray.push(Stray::Unsafe(word));
            rest_of_option(input);
            return;
        };
        let inner = |stream: ParseStream<'_>| {
            if stream.is_empty() {
                self.stray.push(Stray::Unsafe(word));
                return Ok(());
            }
            self.parse_one(stream, Some(word));
            let _: Option<Token![,]> = stream.parse()?;
            if !stream.is_empty() {
                self.stray.push(Stray::Unsafe(word));
            }
            let _: TokenStream = stream.parse()?;
            Ok(())
        };
        let result = inner.parse2(tokens);
        self.leftover(result);
    }

    /// Reports a token that was not parsed. Every token of a list is consumed, so the list parses, unless a group
    /// inside of a value was not parsed to its end, which syn remembers. If the value did not parse, the mistake is
    /// reported already.
    fn leftover(&mut self, result: syn::Result<()>) {
        let is_unfit = |opt: &Opt| matches!(opt.value, Value::Unfit { .. } | Value::Syntax(_));
        if let Err(error) = result {
            if self.stray.is_empty() && !self.list.iter().any(is_unfit) {
                self.stray.push(Stray::Leftover(error.span()));
            }
        }
    }
}

fn parse_value(input: ParseStream<'_>, name: Option<Name>) -> Value {
    if input.peek(token::Paren) && name == Some(Name::Bound) {
        return bound(input).unwrap_or_else(Value::Syntax);
    }
    let Ok(eq) = input.parse::<Token![=]>() else {
        let span = input.span();
        return match rest_of_option(input) {
            0 => Value::None,
            _ => Value::Unfit { span, text: None },
        };
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Value::Unfit { span: eq.span, text: None };
    }
    let span = input.span();
    if let Ok(literal) = input.parse::<LitStr>() {
        rest_of_option(input);
        return Value::Unfit { span, text: Some(literal.value()) };
    }
    let value = match name {
        Some(Name::Crate) => input.call(Path::parse_mod_style).map(Value::Crate),
        Some(Name::Check) => input.parse().map(Value::Check),
        Some(Name::Default) => input.parse().map(Value::Default),
        Some(Name::As) => input.parse().map(|ty| Value::As(Box::new(ty))),
        Some(Name::Word) => input.parse().map(|code| Value::Word(Box::new(code))),
        Some(Name::Remote) => input.parse().map(|ty| Value::Remote(Box::new(ty))),
        Some(Name::With) => input.parse().map(|ty| Value::With(Box::new(ty))),
        Some(Name::Bound | Name::Plain | Name::Skip) | None => Err(input.error("has no value")),
    };
    match value {
        Ok(value) if input.is_empty() || input.peek(Token![,]) => value,
        Ok(_) | Err(_) => {
            rest_of_option(input);
            Value::Unfit { span, text: None }
        }
    }
}

/// Parses the rest of `bound(..)`. Errors have the spans of the tokens inside.
fn bound(input: ParseStream<'_>) -> syn::Result<Value> {
    let predicates;
    parenthesized!(predicates in input);
    Punctuated::parse_terminated(&predicates).map(Value::Bound)
}

/// One delimited group.
fn group(input: ParseStream<'_>) -> syn::Result<(Delimiter, TokenStream)> {
    match input.fork().parse()? {
        TokenTree::Group(group) => {
            input.parse::<TokenTree>()?;
            Ok((group.delimiter(), group.stream()))
        }
        _ => Err(input.error("expected a group")),
    }
}

/// Drops everything up to the next comma, and returns the number of tokens.
fn rest_of_option(input: ParseStream<'_>) -> usize {
    let mut count = 0;
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>().expect("there is a token");
        count += 1;
    }
    count
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if is_swap { best.min(rows[i - 2][j - 2] + 1) } else { best }
            };
        }
    }
    rows[a.len()][b.len()]
}
