import "matrix-js-sdk";
