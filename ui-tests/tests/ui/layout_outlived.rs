//! What a layout hands out is borrowed from it: the layout of a schema is freed with the schema.

use seqcopy::layout::{Field, Shape, Variant};
use seqcopy::{InvalidValue, Layout};

fn name(layout: &Layout) -> &'static str {
    layout.name()
}

fn shape(layout: &Layout) -> Shape<'static> {
    layout.shape()
}

fn fields(layout: &Layout) -> &'static [Field] {
    layout.fields()
}

fn variants(layout: &Layout) -> &'static [Variant] {
    layout.variants()
}

fn option_of(layout: &Layout) -> Option<&'static Layout> {
    layout.option_of()
}

fn vec_of(layout: &Layout) -> Option<(&'static Layout, usize)> {
    layout.vec_of()
}

fn kept(layout: &Layout) -> impl Sized + 'static {
    (layout.holes(), layout.display(8), layout.type_name())
}

fn error(layout: &Layout) -> Result<(), InvalidValue> {
    layout.validate(&[])
}

fn name_of_field(field: &Field) -> &'static str {
    field.name()
}

fn layout_of_field(field: &Field) -> &'static Layout {
    field.layout()
}

fn name_of_variant(variant: &Variant) -> &'static str {
    variant.name()
}

fn fields_of_variant(variant: &Variant) -> &'static [Field] {
    variant.fields()
}

fn main() {
    let fields = seqcopy_shm::Schema::of::<[u8; 3]>().layout().fields();
    drop(fields);
}
