//! [`Column`]: a number, a text or an enum in a type, as a column of a table. Columns have the names that `seqcopy
//! record` gives them in CSV.

use crate::describe::number;
use crate::error::Any;
use crate::value;
use pyo3::prelude::*;
use pyo3::types::PyList;
use seqcopy::Layout;
use seqcopy::layout::{Field, Mark, Scalar, Shape, Variant};

/// The maximum number of elements of an array with columns of their own, and of columns. As in CSV.
const LARGEST: [usize; 2] = [64, 4096];

pub(crate) struct Column<'l> {
    name: String,
    at: usize,
    kind: Kind<'l>,
}

enum Kind<'l> {
    /// A number, as NumPy writes its type.
    Number(String),
    /// An enum without fields: the number, and the names of its values.
    Tags(String, &'l [Variant]),
    /// A text: where its bytes are after its length, and how many there can be.
    Text(usize, usize),
    /// A number or nothing: the number's offset and type, and the size and value of the tag before it if it is there.
    Optional(usize, String, usize, i128),
    /// Another type, as Python objects.
    Object(&'l Layout),
}

/// The columns of a type, whose names begin with `path`. The name `single` is for a type that has one column without a
/// name.
pub(crate) fn of<'l>(layout: &'l Layout, path: &str, single: &str) -> Result<Vec<Column<'l>>, String> {
    let mut all = Vec::new();
    add(layout, path, 0, &mut all);
    if all.len() > LARGEST[1] {
        return Err(format!("the type has more than {} columns: use `to_numpy`", LARGEST[1]));
    }
    if let [only] = &mut all[..] {
        if only.name.is_empty() {
            only.name = single.to_owned();
        }
    }
    Ok(all)
}

fn add<'l>(layout: &'l Layout, path: &str, at: usize, to: &mut Vec<Column<'l>>) {
    // A type without bytes has no column. One more than allowed is refused afterwards.
    if layout.size() == 0 || to.len() > LARGEST[1] {
        return;
    }
    let fields = |fields: &'l [Field], to: &mut Vec<Column<'l>>| {
        for field in fields {
            let inner = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
            add(field.layout(), &inner, at + field.offset(), to);
        }
    };
    let kind = match layout.shape() {
        _ if layout.str_capacity().is_some() => {
            Kind::Text(layout.fields()[1].offset(), layout.str_capacity().unwrap_or_default())
        }
        _ if layout.vec_of().is_some() => Kind::Object(layout),
        // A newtype is shown as its field.
        Shape::Struct { fields: [only], .. } if only.name() == "0" => {
            return add(only.layout(), path, at + only.offset(), to);
        }
        Shape::Struct { fields: own, .. } if !own.is_empty() => return fields(own, to),
        Shape::Array { element, len, .. }
            if (1..=LARGEST[0]).contains(&len)
                && !matches!(element.shape(), Shape::Scalar(Scalar::Unsigned) if element.size() == 1) =>
        {
            for index in 0..len {
                add(element, &format!("{path}[{index}]"), at + index * element.size(), to);
            }
            return;
        }
        Shape::Tags { variants, .. } => match number(layout) {
            Some(number) => Kind::Tags(number, variants),
            None => Kind::Object(layout),
        },
        Shape::Enum { tag, payload, variants: [_, some], .. } if layout.mark() == Some(Mark::Optional) => {
            match some.fields() {
                [inner]
                    if number(inner.layout()).is_some() && !matches!(inner.layout().shape(), Shape::Tags { .. }) =>
                {
                    let format = number(inner.layout()).unwrap_or_default();
                    Kind::Optional(payload + inner.offset(), format, tag.size(), some.value())
                }
                _ => Kind::Object(layout),
            }
        }
        _ => number(layout).map_or(Kind::Object(layout), Kind::Number),
    };
    to.push(Column { name: path.to_owned(), at, kind });
}

impl Column<'_> {
    /// For the Python part: the array of bytes, the name, the kind with what belongs to it, and the offset.
    pub(crate) fn described<'py>(
        &self,
        py: Python<'py>,
        array: usize,
        (rows, size): (&[u8], usize),
    ) -> PyResult<Any<'py>> {
        let detail = match &self.kind {
            Kind::Number(format) => ("number", format).into_pyobject(py)?.into_any(),
            Kind::Tags(format, variants) => {
                let names: Vec<(i128, &str)> = variants.iter().map(|it| (it.value(), it.name())).collect();
                ("tags", format, names).into_pyobject(py)?.into_any()
            }
            Kind::Text(at, capacity) => ("text", *at, *capacity).into_pyobject(py)?.into_any(),
            Kind::Optional(at, format, tag, some) => {
                ("optional", *at, format, *tag, *some).into_pyobject(py)?.into_any()
            }
            Kind::Object(layout) => {
                value::check_objects([layout], 16, rows.len() / size.max(1))?;
                let each = rows
                    .chunks_exact(size.max(1))
                    .map(|row| value::plain(py, layout, &row[self.at..][..layout.size()]));
                ("objects", PyList::new(py, each.collect::<PyResult<Vec<_>>>()?)?).into_pyobject(py)?.into_any()
            }
        };
        Ok((array, &self.name, self.at, detail).into_pyobject(py)?.into_any())
    }
}
