    movq    (%rdi), %rax
    movq    %rax, (%rsi)
    movq    8(%rdi), %rax
    movq    %rax, 8(%rsi)
    movq    16(%rdi), %rax
    movq    %rax, 16(%rsi)
    movq    24(%rdi), %rax
    movq    %rax, 24(%rsi)
    retq
