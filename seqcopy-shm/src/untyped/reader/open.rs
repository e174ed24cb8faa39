//! How a [`Reader`] of bytes opens its region. It reads values in the form of the region, or with the fields of another
//! type.

use std::sync::Arc;

use super::Reader;
use crate::error::Error;
use crate::handle::{AnyReader, ReadAs, ReadHandle, Region};
use crate::mapping::FORMAT;
use crate::schema::Schema;
use crate::untyped::elements::Slice;
use crate::value::{Mapped, Matching, Plan, Rules};

impl ReadHandle for Reader {
    type Source = Mapped;
    type ReadAs = ReadAs;
    const FORMATS: &'static [u32] = &[FORMAT];

    fn over(region: Region, read_as: ReadAs) -> Result<Reader, Error> {
        if let ReadAs::Fields(schema) = &read_as {
            return Self::by_fields(region, schema);
        }
        read_as.check_type(&region)?;
        let (plan, schema) = (Self::plan(&region)?, region.schema().clone());
        Ok(Self::from_region(&schema, plan, region))
    }

    fn opened(&self) -> &Region {
        &self.region
    }

    fn read_next_as(&self) -> ReadAs {
        ReadAs::next(self.own.as_ref(), &self.region)
    }
}

impl AnyReader for Reader {
    fn region(&self) -> &Arc<Region> {
        &self.region
    }

    fn schema(&self) -> &Schema {
        self.schema()
    }

    fn replacement(&self, takes_any_type: bool) -> Result<Option<Self>, Error> {
        if takes_any_type { self.open_next_as(ReadAs::Own(None)) } else { self.open_next() }
    }
}

impl Reader {
    fn by_fields(region: Region, schema: &Schema) -> Result<Reader, Error> {
        let there = Schema::slice_of(region.schema().layout()).map(|(_, _, capacity)| capacity);
        // The capacity of slices does not matter.
        let own = there.and_then(|capacity| schema.with_capacity(capacity)).unwrap_or_else(|| schema.clone());
        let inspected = &region.source.mapping.inspected;
        let matching = match Schema::slice_of(own.layout()) {
            Some(_) if own.difference(region.schema()).is_none() => Matching::Same,
            Some((_, element, _)) => Matching::elements_by_fields(element, inspected)?,
            None => Matching::by_fields(own.layout(), inspected)?,
        };
        let (plan, others) = match matching {
            Matching::Values(plan) => (*plan, None),
            Matching::Elements(others) => (Self::plan(&region)?, Some(others)),
            Matching::Exact | Matching::Same => (Self::plan(&region)?, None),
        };
        let reader = Self::from_region(&own, plan, region);
        Ok(Reader { others, own: Some(own), ..reader })
    }

    /// The plan for values in the form of the region.
    fn plan(region: &Region) -> Result<Plan, Error> {
        let header = region.header();
        Plan::own(region.schema().layout(), header.layout.base(), header.layout.buffer_layout)
    }

    fn from_region(own: &Schema, plan: Plan, region: Region) -> Reader {
        let (layout, slice) = (own.layout(), Slice::from_schema(own));
        // A slice is read element by element.
        let rules = if slice.is_none() { Rules::from_layout(layout) } else { Rules::Walk };
        let buffers = region.source.mapping.buffers;
        Reader { buffers, size: layout.size(), plan, rules, slice, region: Arc::new(region), others: None, own: None }
    }
}
