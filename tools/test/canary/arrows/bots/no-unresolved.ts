import "@hearth/nowhere";
