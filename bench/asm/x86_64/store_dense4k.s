    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    %rsi, %r14
    movq    %rdi, %rbx
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L1
.L2:
    movl    $4096, %edx
    movq    %r14, %rdi
    movq    %rbx, %rsi
    addq    $8, %rsp
    testb   $8, %al
    jne     .L6
    testb   $4, %al
    jne     .L7
    testb   $2, %al
    je      .L8
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::stores::store_avx
.L6:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::stores::store_avx
.L7:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::stores::store_avx
.L1:
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    jmp     .L2
.L8:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::stores::store_sse2
