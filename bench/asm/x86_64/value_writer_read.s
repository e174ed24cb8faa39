    pushq   %rbx
    movq    %rdi, %rbx
    movq    (%rsi), %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::claimed::<impl seqcopy::lock::claim::Claimed<L>>::peek::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq
