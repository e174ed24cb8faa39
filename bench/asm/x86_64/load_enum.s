    movzbl  (%rdi), %eax
    movb    %al, (%rsi)
    movl    4(%rdi), %eax
    movl    %eax, 4(%rsi)
    movq    8(%rdi), %rax
    movq    %rax, 8(%rsi)
    movq    16(%rdi), %rax
    movq    %rax, 16(%rsi)
    retq
