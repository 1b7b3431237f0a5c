// The type of `import "@daybook/react-hooks/diagnostics.css"`, for programs without the types of a bundler. The import has no
// names.
export {}
