    movq    (%rsi), %rax
    movq    %rax, (%rdi)
    movl    8(%rsi), %eax
    movl    %eax, 8(%rdi)
    movzwl  12(%rsi), %eax
    movw    %ax, 12(%rdi)
    movzbl  14(%rsi), %eax
    movb    %al, 14(%rdi)
    retq
