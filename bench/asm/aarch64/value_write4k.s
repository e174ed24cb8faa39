    b       seqcopy::lock::methods::write::write_value::large
