    b       seqcopy::lock::write_value::large
