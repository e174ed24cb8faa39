//! The target [`schema`](seqcopy_fuzz::schema), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::schema(data));
