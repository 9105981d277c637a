import "../../../../package.json";
