    jmpq    *seqcopy::lock::write_value::large@GOTPCREL(%rip)
