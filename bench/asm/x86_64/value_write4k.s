    jmpq    *seqcopy::lock::methods::write::write_value::large@GOTPCREL(%rip)
