    movq    (%rdi), %rdi
    jmpq    *seqcopy::lock::claimed::<impl seqcopy::lock::claim::Claimed<L>>::publish_value::large@GOTPCREL(%rip)
