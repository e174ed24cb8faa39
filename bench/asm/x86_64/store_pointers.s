    movq    (%rsi), %rax
    movq    %rax, (%rdi)
    movq    8(%rsi), %rax
    movq    %rax, 8(%rdi)
    movq    16(%rsi), %rax
    movq    %rax, 16(%rdi)
    movq    24(%rsi), %rax
    movq    %rax, 24(%rdi)
    retq
