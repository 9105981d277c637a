import "@hearth/bots";
