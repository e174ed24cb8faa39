// errors: 12, in rustc's words
// The layout of a schema is freed with the schema, and so is all that it hands out.
use seqcopy::{Layout, layout::{Field, Shape, Variant}};

fn name(layout: &Layout) -> &'static str { layout.name() }
fn shape(layout: &Layout) -> Shape<'static> { layout.shape() }
fn fields(layout: &Layout) -> &'static [Field] { layout.fields() }
fn variants(layout: &Layout) -> &'static [Variant] { layout.variants() }
fn option_of(layout: &Layout) -> Option<&'static Layout> { layout.option_of() }
fn vec_of(layout: &Layout) -> Option<(&'static Layout, usize)> { layout.vec_of() }
fn drawing(layout: &Layout) -> impl Sized + 'static { (layout.holes(), layout.display(8), layout.type_name()) }
fn error(layout: &Layout) -> Result<(), seqcopy::InvalidValue> { layout.validate(&[]) }
fn name_of_field(field: &Field) -> &'static str { field.name() }
fn layout_of_field(field: &Field) -> &'static Layout { field.layout() }
fn name_of_variant(variant: &Variant) -> &'static str { variant.name() }
fn fields_of_variant(variant: &Variant) -> &'static [Field] { variant.fields() }

fn main() {}
