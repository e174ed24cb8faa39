    movzbl  (%rsi), %eax
    xorl    %ecx, %ecx
    cmpl    $2, %eax
    je      .L3
    pxor    %xmm0, %xmm0
    cmpl    $1, %eax
    jne     .L4
    movl    4(%rsi), %ecx
    movzbl  8(%rsi), %edx
    movd    %edx, %xmm0
    jmp     .L4
.L3:
    movdqu  8(%rsi), %xmm0
.L4:
    movb    %al, (%rdi)
    movl    %ecx, 4(%rdi)
    addq    $8, %rdi
    movups  %xmm0, (%rdi)
    retq
