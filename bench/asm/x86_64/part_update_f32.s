    movq    (%rdi), %rax
    leaq    408(%rax), %rcx
    movl    (%rcx), %edx
    movd    %edx, %xmm0
    addss   .Lconstant(%rip), %xmm0
    movd    %xmm0, %edx
    movq    1024(%rax), %rsi
    orq     $1, %rsi
    movq    %rsi, 1024(%rax)
    movl    %edx, (%rcx)
    incq    %rsi
    movq    %rsi, 1024(%rax)
    retq
