    movq    (%rdi), %rax
    movq    %rax, (%rsi)
    movl    8(%rdi), %eax
    movl    %eax, 8(%rsi)
    movzwl  12(%rdi), %eax
    movw    %ax, 12(%rsi)
    movzbl  14(%rdi), %eax
    movb    %al, 14(%rsi)
    retq
