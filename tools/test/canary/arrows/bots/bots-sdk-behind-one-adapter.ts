import "matrix-bot-sdk";
