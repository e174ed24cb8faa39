    movzbl  (%rsi), %eax
    xorl    %ecx, %ecx
    cmpl    $2, %eax
    je      .L5
    cmpl    $1, %eax
    jne     .L2
    movl    4(%rsi), %ecx
    movzbl  8(%rsi), %edx
    jmp     .L3
.L5:
    movq    8(%rsi), %rdx
    movq    16(%rsi), %r8
    movq    %rdx, %rsi
    andq    $-256, %rsi
    jmp     .L6
.L2:
    xorl    %edx, %edx
.L3:
    xorl    %esi, %esi
    xorl    %r8d, %r8d
.L6:
    movb    %al, (%rdi)
    movl    %ecx, 4(%rdi)
    movzbl  %dl, %eax
    orq     %rsi, %rax
    movq    %rax, 8(%rdi)
    movq    %r8, 16(%rdi)
    retq
