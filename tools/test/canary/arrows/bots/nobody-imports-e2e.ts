import "../../../../../e2e/package.json";
