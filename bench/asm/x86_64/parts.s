part_read_f32:
    movq    %rdi, %rax
    movq    1024(%rsi), %rcx
    testb   $1, %cl
    jne     .L1
    leaq    408(%rsi), %rdx
    movl    (%rdx), %edi
    movq    1024(%rsi), %rsi
    movl    $1, %edx
    cmpq    %rcx, %rsi
    jne     .L3
    movl    %edi, 4(%rax)
    xorl    %ecx, %ecx
    movl    %ecx, (%rax)
    retq
.L1:
    xorl    %edx, %edx
.L3:
    movq    %rdx, 8(%rax)
    movl    $1, %ecx
    movl    %ecx, (%rax)
    retq

part_latch_read_f32:
    movq    %rdi, %rax
    movq    2048(%rsi), %rdx
    movl    %edx, %ecx
    andl    $1, %ecx
    shll    $10, %ecx
    leaq    (%rsi,%rcx), %rdi
    addq    $408, %rdi
    movl    (%rdi), %ecx
    movq    2048(%rsi), %rsi
    cmpq    %rdx, %rsi
    jne     .L1
    movl    %ecx, 4(%rax)
    xorl    %ecx, %ecx
    movl    %ecx, (%rax)
    retq
.L1:
    movq    $1, 8(%rax)
    movl    $1, %ecx
    movl    %ecx, (%rax)
    retq

part_read_u16:
    movq    %rdi, %rax
    movq    48(%rsi), %rcx
    testb   $1, %cl
    jne     .L1
    leaq    20(%rsi), %rdx
    movw    (%rdx), %di
    movq    48(%rsi), %rsi
    movl    $1, %edx
    cmpq    %rcx, %rsi
    jne     .L3
    movw    %di, 2(%rax)
    xorl    %ecx, %ecx
    movw    %cx, (%rax)
    retq
.L1:
    xorl    %edx, %edx
.L3:
    movq    %rdx, 8(%rax)
    movw    $1, %cx
    movw    %cx, (%rax)
    retq

part_read_element:
    movq    %rdi, %rax
    movq    1024(%rsi), %rcx
    testb   $1, %cl
    jne     .L1
    cmpq    $253, %rdx
    movl    $253, %edi
    cmovbq  %rdx, %rdi
    movl    %edi, %edx
    leaq    (%rsi,%rdx,4), %rdx
    addq    $8, %rdx
    movl    (%rdx), %edi
    movq    1024(%rsi), %rsi
    movl    $1, %edx
    cmpq    %rcx, %rsi
    jne     .L3
    movl    %edi, 4(%rax)
    xorl    %ecx, %ecx
    movl    %ecx, (%rax)
    retq
.L1:
    xorl    %edx, %edx
.L3:
    movq    %rdx, 8(%rax)
    movl    $1, %ecx
    movl    %ecx, (%rax)
    retq

part_read_two:
    movq    %rdi, %rax
    movq    1024(%rsi), %rdx
    testb   $1, %dl
    jne     .L1
    movq    (%rsi), %rcx
    leaq    408(%rsi), %r8
    movl    (%r8), %edi
    movq    1024(%rsi), %r8
    movl    $1, %esi
    cmpq    %rdx, %r8
    jne     .L3
    movq    %rcx, 8(%rax)
    movl    %edi, 16(%rax)
    xorl    %ecx, %ecx
    movq    %rcx, (%rax)
    retq
.L1:
    xorl    %esi, %esi
.L3:
    movq    %rsi, 8(%rax)
    movl    $1, %ecx
    movq    %rcx, (%rax)
    retq

part_update_f32:
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
