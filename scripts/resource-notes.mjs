// What a reviewer asks of each kind of resource and of each IAM statement, by its actions in alphabetical order.
export const COSTS = {
};

export const REASONS = {
};
