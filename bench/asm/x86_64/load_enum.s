    movzbl  (%rdi), %eax
    movb    %al, (%rsi)
    movl    4(%rdi), %eax
    movl    %eax, 4(%rsi)
    addq    $8, %rdi
    movups  (%rdi), %xmm0
    movups  %xmm0, 8(%rsi)
    retq
