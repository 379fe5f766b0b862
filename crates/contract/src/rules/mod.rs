//! The rules: each looks at a judged target and says what is wrong, under an id that names the problem.
