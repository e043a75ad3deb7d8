/* For the Makefile: which compiler reads this, as "gcc-12" or "clang-14". */
#ifdef __clang__
clang-__clang_major__
#else
gcc-__GNUC__
#endif
