    movq    (%rdi), %rdi
    jmpq    *seqcopy::lock::publish_value::large@GOTPCREL(%rip)
